"""Telegram's HTML as its servers read it: text and entities out, or the refusal that they would give.

https://core.telegram.org/bots/api#html-style; offsets and lengths count UTF-16 code units.
"""

import html
import re
from dataclasses import dataclass, field

from tests.botapi.records import Entity, Refusal

_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
}
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)((?:\s+[a-z-]+(?:=\"[^\"<>]*\")?)*)\s*>")
_ATTRIBUTE = re.compile(r"([a-z-]+)(?:=\"([^\"]*)\")?")
_NAMED = re.compile(r"&(?:lt|gt|amp|quot|#[0-9]+|#x[0-9a-fA-F]+);")
_TYPED = re.compile(r"(?P<bot_command>(?<!\S)/[A-Za-z0-9_]{1,32}(?:@\w+)?)|(?P<mention>(?<!\w)@\w{4,32})")


@dataclass
class _Open:
    tag: str
    offset: int
    attributes: dict[str, str] = field(default_factory=dict)


def units(text: str) -> int:
    """Length as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def parse_html(markup: str) -> tuple[str, tuple[Entity, ...]]:
    """Read markup as the server does.

    Raises:
        Refusal: 400 "can't parse entities", with the reason.
    """
    text, at = "", 0
    entities: list[Entity] = []
    stack: list[_Open] = []
    while at < len(markup):
        following = markup.find("<", at)
        end = len(markup) if following < 0 else following
        text += _NAMED.sub(lambda match: html.unescape(match[0]), markup[at:end])
        if following < 0:
            break
        tag = _TAG.match(markup, following)
        if tag is None:
            raise _refusal("Unsupported start tag", markup, following)
        if tag[1]:
            entities.append(_closed(stack, tag, text, markup))
        else:
            stack.append(_opened(tag, text, markup))
        at = tag.end()
    if stack:
        raise Refusal(400, f"Bad Request: can't parse entities: Can't find end tag for <{stack[-1].tag}>")
    return text, tuple(sorted((e for e in entities if e.length), key=lambda e: (e.offset, -e.length)))


def typed_entities(text: str) -> tuple[Entity, ...]:
    """The commands and mentions that Telegram finds in what a person typed."""
    return tuple(
        Entity(
            type=str(match.lastgroup),
            offset=units(text[: match.start()]),
            length=units(match[0]),
        )
        for match in _TYPED.finditer(text)
    )


def _opened(tag: re.Match[str], text: str, markup: str) -> _Open:
    if tag[2] not in _TYPES:
        raise _refusal(f'Unsupported start tag "{tag[2]}"', markup, tag.start())
    attributes = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(tag[3])}
    return _Open(tag[2], units(text), attributes)


def _closed(stack: list[_Open], tag: re.Match[str], text: str, markup: str) -> Entity:
    if not stack or stack[-1].tag != tag[2]:
        raise _refusal(f'Unmatched end tag "{tag[2]}"', markup, tag.start())
    opened = stack.pop()
    return Entity(
        type=_TYPES[opened.tag],
        offset=opened.offset,
        length=units(text) - opened.offset,
        url=opened.attributes.get("href"),
    )


def _refusal(reason: str, markup: str, at: int) -> Refusal:
    offset = len(markup[:at].encode())
    return Refusal(400, f"Bad Request: can't parse entities: {reason} at byte offset {offset}")
