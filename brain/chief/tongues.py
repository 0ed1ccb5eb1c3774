"""Claims of a deed in further languages: what "I have created it" is in each of them, by stems of its verbs.

English, German, French and Spanish are in `deeds`; these are read as well. `ticked` and `numbers_in` need no
language at all: a tick says "done", and a task that nobody has heard of is none.
"""

import re
from collections.abc import Mapping

_IT = r"(?<!non )\b(?:ho|abbiamo|è stat[oa]|sono stat[ie])\s+(?:già |appena |anche )?(?:{stems})[oaie]\b"
_PT = r"(?<!não )\b(?:{stems})\b|(?<!não )\b(?:foi|foram)\s+(?:já )?(?:{passive})[oa]s?\b"
_NL = (
    r"\b(?:ik heb|we hebben|is|zijn|werd)\b"
    r"(?![^.!?\n]*\b(?:niet|niets|geen)\b)[^.!?\n]{{0,80}}\b(?:{stems})\b"
)
_PL = r"(?<!nie )\b(?:{stems})(?:em|am)\b|\b(?:zosta[łl][aoy]?|jest już)\s+(?:{passive})\w*\b"
_SV = r"\b(?:jag har|vi har|har blivit)\s+(?:nu |just |redan )?(?:{stems})\b"
_RU = r"(?<!не )(?<!\w)(?:{stems})(?!\w)"


def _said(
    italian: str, portuguese: str, passive: str, dutch: str, polish: str, swedish: str, russian: str
) -> str:
    polish_passive = "|".join(stem.rstrip("ł") for stem in polish.split("|"))
    return "|".join(
        (
            _IT.format(stems=italian),
            _PT.format(stems=portuguese, passive=passive),
            _NL.format(stems=dutch),
            _PL.format(stems=polish, passive=polish_passive),
            _SV.format(stems=swedish),
            _RU.format(stems=russian),
        )
    )


_PATTERNS: Mapping[str, str] = {
    "created": _said(
        "creat|aggiunt|apert",
        "criei|adicionei|abri",
        "criad|adicionad",
        "aangemaakt|toegevoegd|gemaakt",
        "utworzył|dodał|stworzył",
        "skapat|lagt till",
        r"я создала?|я добавила?|создан[аоы]?|добавлен[аоы]?",
    ),
    "cancelled": _said(
        "annullat|eliminat|cancellat|rimoss",
        "cancelei|apaguei|removi|excluí",
        "cancelad|apagad|removid|excluíd",
        "geannuleerd|verwijderd|gestopt",
        "anulował|usunął|usunęł|skasował",
        "avbrutit|tagit bort|raderat",
        r"я отменила?|я удалила?|отменен[аоы]?|отменён|удален[аоы]?|удалён",
    ),
    "changed": _said(
        "modificat|cambiat|aggiornat|spostat|rinominat",
        "alterei|mudei|atualizei",
        "alterad|mudad|atualizad",
        "gewijzigd|aangepast|verplaatst|hernoemd",
        "zmienił|zaktualizował|przeniosł",
        "ändrat|uppdaterat|flyttat",
        r"я изменила?|я обновила?|изменен[аоы]?|изменён|обновлен[аоы]?|обновлён",
    ),
    "sent": _said(
        "inviat|mandat|spedit|avvisat|informat",
        "enviei|mandei|avisei|informei",
        "enviad|mandad|avisad|informad",
        "verstuurd|verzonden|gestuurd|ingelicht",
        "wysłał|powiadomił|poinformował",
        "skickat|meddelat|informerat",
        r"я отправила?|я послала?|отправлен[аоы]?",
    ),
    "scheduled": _said(
        "programmat|pianificat|impostat|prenotat",
        "agendei|programei|marquei",
        "agendad|programad|marcad",
        "ingepland|ingesteld|geboekt",
        "zaplanował|ustawił|zarezerwował",
        "schemalagt|ställt in|bokat",
        r"я запланировала?|я назначила?|запланирован[аоы]?|назначен[аоы]?",
    ),
    "remembered": _said(
        "annotat|salvat|memorizzat",
        "anotei|guardei|salvei",
        "anotad|guardad|salv",
        "genoteerd|opgeslagen|onthouden",
        "zapisał|zanotował|zapamiętał",
        "noterat|sparat",
        r"я записала?|я запомнила?|я сохранила?|записан[аоы]?|сохранен[аоы]?",
    ),
    "paused": _said(
        "sospes|fermat",
        "pausei|suspendi",
        "pausad|suspens",
        "gepauzeerd|stilgelegd",
        "wstrzymał|zatrzymał",
        "pausat|stoppat",
        r"я приостановила?|я остановила?|приостановлен[аоы]?",
    ),
}
CLAIMS: Mapping[str, re.Pattern[str]] = {
    kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in _PATTERNS.items()
}
"""By deed: found in a sentence that claims it."""
_ENGLISH = re.compile(r"\b(?:the|you|your|and|there|with|what|shall|this)\b", re.IGNORECASE)
_TICK = re.compile(r"^\s*(?:✅|☑|✔|\[x\])", re.IGNORECASE)
_NUMBERED = re.compile(
    r"(?<!\w)(?:#|(?:aufgabe|tâche|tarea|compito|attività|tarefa|taak|zadani[ea]|uppgift|opgaven?|oppgave"
    r"|tehtävä|görev|задач[аиуе]|タスク|任务|任務|작업)\s?(?:#|nr\.?|n[°º.]?|№)?\s?)(\d{1,6})(?!\d)",
    re.IGNORECASE,
)


def is_english(sentence: str) -> bool:
    """Whether it has a word that only English has: most sentences are spared the search for the rest."""
    return _ENGLISH.search(sentence) is not None


def ticked(sentence: str) -> bool:
    """Whether it begins with a tick, which says "done" in every language."""
    return _TICK.match(sentence) is not None


def numbers_in(sentence: str) -> list[int]:
    """Numbers that it gives to tasks, in whichever language; none of a question."""
    return [] if "?" in sentence else [int(number) for number in _NUMBERED.findall(sentence)]
