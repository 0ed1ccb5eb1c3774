"""What can be told from the person's bare words, whichever model talks: yes, no, and what they named."""

import re


def _set(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


_AFFIRMS = _set(
    "yes y yep yeah yup sure ok okay okey k correct right confirm confirmed approved approve agreed",
    "absolutely definitely exactly proceed ja jo jawohl gerne mach genau passt oui ouais vas-y d'accord",
    "si sí claro vale dale sim certo tak da да hai はい 是 好 evet",
)
_POLITE = _set(
    "please do go ahead it so that all sounds good fine create make run send cancel delete pause them both",
    "everything now thanks thank you bitte va bene",
)
"""What may go with a yes and change nothing about it."""
_GO_AHEAD = re.compile(r"^\W*(?:please\s+)?(?:do (?:it|so|that|them)|go ahead|sounds good|fine)\b", re.I)
_NO = re.compile(
    r"\b(?:no|nope|nah|not|don['\u2019]?t|do not|never|stop|wait|hold on|cancel that|leave it|nein|nicht|"
    r"non|pas|nej|nee|não|нет)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[\w'\u2019-]+")
_EMPTY = _set(
    "a an and are as at be been but by can could do does for from had has have he her him his i if in into",
    "is it its just me my need of on or our out please she should so some task that the their them then",
    "there these they this to up us was we were what when which will with would you your project new",
)
_ENOUGH = 0.6
_MOST_OTHERS = 4
_TARGET = re.compile(r"\S+@\S+|\w+://\S+|[\w-]+(?:\.[\w-]+)+|[~.]?/[\w./-]+")
"""Where something could go, or come from: an address, a path, a host, a file."""
_STEM_CHARS = 5


def says_yes(text: str) -> bool:
    """Whether these words are a plain yes and nothing else. A yes with a "but" or a condition is none."""
    words = [word.casefold().replace("\u2019", "'") for word in _WORD.findall(text)]
    if not words or len(words) > 8 or "?" in text or _NO.search(text):
        return False
    if _GO_AHEAD.search(text) and all(word in _AFFIRMS | _POLITE for word in words):
        return True
    return words[0] in _AFFIRMS and all(word in _AFFIRMS | _POLITE for word in words)


def says_no(text: str) -> bool:
    """Whether these words refuse."""
    return _NO.search(text) is not None


def content_words(text: str) -> set[str]:
    """The words that carry meaning, cut to their beginning, so that "reports" is "report"."""
    words = (word.casefold().strip("'\u2019-") for word in _WORD.findall(text))
    return {_stem(word) for word in words if word and word not in _EMPTY}


def _stem(word: str) -> str:
    return (word[:-1] if word.endswith("s") and len(word) > 3 else word)[:_STEM_CHARS]


def comes_from(text: str, said: str) -> bool:
    """Whether a text is made of what was said: most of its words, and every address in it."""
    if any(target.casefold().strip(".,;") not in said.casefold() for target in _TARGET.findall(text)):
        return False
    wanted = content_words(text)
    others = len(wanted - content_words(said))
    return others <= min(_MOST_OTHERS, (1 - _ENOUGH) * len(wanted))
