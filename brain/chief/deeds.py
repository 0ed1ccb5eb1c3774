"""Which words claim which deed, and which rows are enough for it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from brain.chief import tongues

_NOT_SO = r"(?!\s+(?:nothing|no|none|not)\b)"
_ADVERBS = r"(?:(?:just|now|already|also|successfully|both|then|gone ahead and|went ahead and)\s+)*"
_AUX = r"(?:['\u2019]ve| have| had)?"
_I_DID = r"\b(?:i|we){aux}\s+{adverbs}(?:{deed})\b"
_WAS_DONE = (
    r"\b(?:tasks?|projects?|reminders?|messages?|e-?mails?|budgets?|schedules?|everything|work|it|that|this|they)"
    r"\b[^.!?\n]{{0,80}}?\b(?:has been|have been|is now|are now|is all|got)\s+{adverbs}(?:{deed})\b"
)
_BARE = r"^(?:done[:,!. \u2013-]+|(?:ok(?:ay)?|great|sure|all right)[:,!. ]+)*(?:{deed})\b(?!\?)"


@dataclass(frozen=True)
class Deed:
    """One kind of claim."""

    claim: re.Pattern[str]
    """Found in a sentence that makes it."""
    enough: tuple[str, ...]
    """Any of these rows of the turn bears it out; none can, when it is empty."""
    kind: str = ""
    """Its name in `tongues`, for further languages."""

    def claimed(self, sentence: str, *, english: bool = False) -> bool:
        """Whether a sentence claims it; one in English is not searched for other languages' words."""
        if self.claim.search(sentence):
            return True
        elsewhere = None if english else tongues.CLAIMS.get(self.kind)
        return elsewhere is not None and elsewhere.search(sentence) is not None


def _deed(
    words: str,
    enough: Sequence[str],
    *,
    bare: bool = True,
    also: str = "",
    elsewhere: Sequence[str] = (),
    kind: str = "",
) -> Deed:
    """
    Args:
        words: The past forms, as alternatives of a pattern.
        enough: Types of the rows.
        bare: "Cancelled." by itself is the claim as well.
        also: Further patterns, as alternatives.
        elsewhere: Patterns of other languages.
        kind: Its name in `tongues`.
    """
    forms = (_I_DID, _WAS_DONE, _BARE) if bare else (_I_DID, _WAS_DONE)
    english = [form.format(deed=words, adverbs=_ADVERBS, aux=_AUX) + _NOT_SO for form in forms]
    alternatives = [*english, *([also] if also else []), *elsewhere]
    return Deed(re.compile("|".join(alternatives), re.IGNORECASE), tuple(enough), kind)


def _de(words: str) -> str:
    return (
        rf"\b(?:ich habe?|wir haben|wurden?|ist jetzt|sind jetzt)\b(?![^.!?\n]*\b(?:nicht|nichts|kein\w*)\b)"
        rf"[^.!?\n]{{0,80}}\b(?:{words})\b"
    )


def _fr(words: str) -> str:
    return rf"\b(?:j['\u2019]ai|nous avons|a été|est maintenant)\s+(?:bien |déjà |aussi )?(?:{words})\b"


def _es(words: str) -> str:
    return rf"\b(?:he|hemos|ha sido|está ahora)\s+(?:ya |también )?(?:{words})\b"


ALL: tuple[Deed, ...] = (
    _deed(
        r"created|added|opened|set up|logged|registered|queued|filed|put (?:it|this|that) (?:on|into?)",
        ("task.created", "project.created", "schedule.created", "artifact.created", "budget.created"),
        elsewhere=(_de("erstellt|angelegt|hinzugefügt"), _fr("créée?s?|ajoutée?s?"), _es("creado|añadido")),
        kind="created",
    ),
    _deed(
        r"cancell?ed|deleted|removed|dropped|stopped",
        ("task.cancelled", "schedule.deleted", "project.deleted", "fact.forgotten", "system.paused"),
        elsewhere=(
            _de("abgebrochen|storniert|gelöscht|entfernt"),
            _fr("annulée?s?|supprimée?s?"),
            _es("cancelado|eliminado|borrado"),
        ),
        kind="cancelled",
    ),
    _deed(
        r"updated|changed|renamed|moved|raised|lowered|increased|marked|prioriti[sz]ed|rescheduled|reassigned",
        (
            *("task.updated", "task.retried", "task.cancelled", "gate.answered", "person.updated"),
            *("budget.updated", "budget.created", "schedule.paused", "schedule.resumed"),
        ),
        elsewhere=(_de("geändert|aktualisiert|umbenannt|verschoben"), _fr("modifiée?s?|changée?s?")),
        kind="changed",
    ),
    _deed(
        r"retried|restarted|requeued|re-queued",
        ("task.retried", "system.resumed"),
        elsewhere=(_de("neu gestartet|wiederholt"),),
    ),
    _deed(r"passed (?:your|the) answer|answered (?:the|its|that) question", ("gate.answered",)),
    _deed(
        r"sent|messaged|e-?mailed|texted|notified|informed|forwarded|phoned|called (?:him|her|them|the|your)",
        ("message.sent",),
        also=r"\b(?:message|e-?mail|mail)\b[^.!?\n]{0,40}\b(?:was|is) (?:just |now )?(?:sent|on its way)\b",
        elsewhere=(
            _de("gesendet|geschickt|verschickt|benachrichtigt|informiert"),
            _fr("envoyée?s?|prévenue?s?|informée?s?"),
            _es("enviado|avisado|informado"),
        ),
        kind="sent",
    ),
    _deed(
        r"scheduled|booked|set (?:a|an|the|your|up a) (?:reminder|alarm|schedule)",
        ("schedule.created", "schedule.seen"),
        # A promise that nothing but a schedule can keep.
        also=r"\bi(?:['\u2019]ll| will| shall)\s+(?:be sure to )?remind you\b"
        r"|\b(?:reminder|alarm)\b[^.!?\n]{0,40}\b(?:is|are) (?:now |all )?(?:set|in place)\b",
        elsewhere=(
            _de("eingeplant|eingestellt"),
            r"\bich erinnere dich\b",
            _fr("programmée?s?"),
            _es("programado"),
        ),
        kind="scheduled",
    ),
    # A promise that only a wish which is on record keeps.
    Deed(
        re.compile(
            r"\bi(?:['\u2019]ll| will| shall)\s+(?:call|ring|phone)\s+you\b[^.!?\n]{0,20}?"
            r"\b(?:when|once|as soon as|if|after)\b",
            re.IGNORECASE,
        ),
        ("call.planned", "schedule.created", "schedule.seen"),
    ),
    _deed(
        r"remembered|noted|saved|memori[sz]ed|made a note|written (?:it|that|this) down",
        ("fact.remembered", "artifact.created", "task.created", "schedule.created", "person.updated"),
        bare=False,
        also=r"\bi(?:['\u2019]ll| will| shall) remember (?:that|this|it)\b",
        elsewhere=(_de("gemerkt|notiert|gespeichert"), _fr("notée?s?|retenue?s?"), _es("anotado|guardado")),
        kind="remembered",
    ),
    _deed(r"forgotten|erased", ("fact.forgotten",), bare=False),
    _deed(
        r"paused|suspended|halted|frozen",
        ("system.paused", "schedule.paused"),
        elsewhere=(_de("pausiert|angehalten"), _fr("suspendue?s?"), _es("pausado")),
        kind="paused",
    ),
    _deed(r"resumed|unpaused", ("system.resumed", "schedule.resumed")),
    _deed(r"uploaded|attached", ("artifact.created",), bare=False),
    # What the chief cannot do itself, whoever says so.
    _deed(r"paid|bought|purchased|deployed|published|transferred|wired|refunded|signed", (), bare=False),
    _deed(r"(?:completed|finished|fixed|solved)\s+(?:the|your|that|this|it|task)", (), bare=False),
)
