"""Whether a sentence asks for anything: what is forbidden, supposed, told or asked about is no order.

Templates and vectors hear what a sentence is about. "What if we deleted the website" is about deleting it,
and so is "does deleting a task delete its files", and neither wants it done. English, as the sentences are.
"""

import re

_SUPPOSED = re.compile(
    r"\bin my dreams\b|\bif only\b|\bwhat if\b|\bone of these days\b|\bhaven't decided\b"
    r"|^(?:just )?(?:suppose|supposing|imagine|hypothetically|in theory)\b|^i wish\b|^wouldn't it\b"
    r"|\b(?:would|could|should|might)(?:n't| not)? have (?!to\b)\w+(?:ed|en|ne|t)\b"
    r"|^if (?:i|we) (?:ever|had|were|won)\b|^if .*\b(?:might|may|would|wouldn't)\b"
    r"|^in (?:an )?(?:ideal|other)\b"
    r"|^(?:i|we)(?:'m| am| are|'re)? (?:wondering (?:whether|if)|not sure (?:if|whether|about)|torn)\b"
    r"|\b(?:not|n't) (?:quite |so |really )?sure(?: yet)?[.!]*$",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(
    r"^(?:(?:no|nah|nope|please|wait|and|but|just|hang on|hold on)\b[,.!\s]*)*"
    r"(?:under no circumstances|by no means|on no account"
    r"|(?:don't|do not|never|nobody|no one|mustn't)\b(?! mind\b)"
    # These begin an order of another kind: a reminder, a limit, a cancellation.
    r"(?! (?:forget|let|spend|go|use|need|want|exceed|bother|do|work|start|know|care)\b)"
    r"|leave (?!an? |me |him |her |them |us |word )(?:\w+ ){1,4}"
    r"(?:as (?:(?:it|they) (?:is|are)|is\b)|alone|be|on|in|at|where|how|for now|until|till)\b)"
    r"|\bstays? (?:like|as|the way) (?:it|they) (?:is|are)\b"
    r"|\bdon't do (?:anything|a thing)\b",
    re.IGNORECASE,
)
_OTHERS = (
    r"(?:[A-Z][a-z]+(?: [A-Z][a-z]+)?|(?i:he|she|they|people|(?:some|most|other) people"
    r"|(?:my|our|his|her|their) (?!tasks?\b|projects?\b|reminders?\b|budget\b)\w+))"
)
_TOLD = re.compile(
    rf"^(?:{_OTHERS}) (?:just |already |even |always |once |also )*"
    r"(?:said|says|told|thinks?|thought|heard|asked|asks|reckons?|claims?|claimed|cancelled|canceled|deleted"
    r"|retried|paused|ordered|bought|fixed|painted|sent"
    r"|wants? to (?:cancel|delete|stop|pause|sell|leave|quit))\b"
    r"|^(?i:(?:my|our|his|her|their) (?:\w+\.? ){1,3}?(?:has|have|had) (?:\w+ly |already |just |very |also )*"
    r"(?:said|told|booked|ordered|bought|fixed|painted|sent|cancelled|canceled|paid|found|sold|called|rung"
    r"|signed|done|made|finished|released|filed|handled|arranged|written|answered))\b"
    r"|^(?i:some(?:one|body) (?:at|in|from|on) (?:the|my|our) \w+ (?:has |just |already )*"
    r"\w+(?:ed|ght|oke|ook|ft))\b"
    r"|^(?i:i (?:did not|didn't|never) (?:ask|tell|want|mean|say)|(?:lol|haha)\b)"
    r"|^(?i:(?:in|at|on) \w+ (?:we|they|he|she|i) \w+ed|when (?:we|i|he|she|they) (?:was|were))\b"
    r"|^(?i:in my day|back (?:then|in the day)|(?:\w+ )?years ago|(?:i|we|they|he|she) used to)\b",
)
_SOMEBODY = r"(?:i|we|you|he|she|they|it)"
_WONDERED = re.compile(
    r"^(?:so |and |but |well |now )?(?:what happens|what would happen|does \w+ing\b|who can\b|may one\b"
    rf"|how (?:do|does|would|can|could) (?:one|{_SOMEBODY})\b|can (?:one|anyone|it)\b"
    r"|do you (?:ever|usually|always|know how)\b|are (?:you|they) (?:able|allowed)\b"
    r"|is it (?:possible|allowed|safe|ok|okay|within|true)\b|(?:what|which) (?:kind|sort)s? of\b"
    r"|(?:can|do) you (?:really|actually|even|ever|\w+ (?:\w+ )?yourself)\b|(?:would|will) it be\b"
    rf"|(?:have|had) {_SOMEBODY}\b"
    rf"|(?:did|has|was|were) (?:{_SOMEBODY}|any(?:one|body)|some(?:one|body)|that|those|the)\b)",
    re.IGNORECASE,
)
_ABOUT_YOU = re.compile(
    r"^you(?:'d| would|'re| are|'ve| have|'ll| will)? (?:\w+ )?"
    r"(?:made?|be|been|being|look|sound|seem|are|were|make)\b",
    re.IGNORECASE,
)
_SAYING = re.compile(
    # "Order, order!", "write once, read many": said, not asked for.
    r"^(\w+)\W+\1\W*$|^\w+ (?:once|twice|first|not|well|fast|often), \w+ \w+\W*$",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"^(?:please |kindly |would you |could you |can you |do |be so (?:good|kind) as to )*"
    r"(?:(?:i|we)(?:'d| would| should)? (?:quite |very much |just |rather |only )*"
    r"(?:like|love|want|need) to (?:know|hear|see|understand)|i (?:do |just )?wonder|i was wondering"
    r"|let me know|tell me|inform me|remind me again|any idea|do you know|d'you know)"
    r"[,:]?\s+(?=(?:how|where|what|when|why|who|whether|if|which)\b)",
    re.IGNORECASE,
)
ACTING = frozenset(
    {
        "create_task",
        "delegate",
        "change_task",
        "complete_task",
        "cancel_task",
        "cancel_all",
        "retry_task",
        "approve",
        "answer_task",
        "depends",
        "create_project",
        "delete_project",
        "pause_all",
        "resume_all",
        "budget_set",
        "message_person",
        "call_when_done",
        "send_to_me",
        "artifact",
        "plan",
        "schedule",
    }
)
"""Intents that an order is needed for."""


def is_forbidden(text: str) -> bool:
    """Whether something shall not be done."""
    return _FORBIDDEN.search(text) is not None


def is_mere_talk(text: str) -> bool:
    """Whether the words only speak of something."""
    return any(mood.search(text) for mood in (_SUPPOSED, _WONDERED, _ABOUT_YOU, _SAYING, _TOLD))


def asked_straight(text: str) -> str:
    """ "I'd like to know how far the flights are" without what stands before the question."""
    return _ASIDE.sub("", text, count=1)
