"""How what was said is put to a model, and read back by the offline one.

A person's message is one text block with the words, and a second block that lists the attached files
as JSON. The words are always the first block, so no text can pass for an attachment.
"""

import copy
from collections.abc import Sequence
from typing import Any

import msgspec
from strands.types.content import ContentBlock, Message

_OPEN = "<attachments>"
_CLOSE = "</attachments>"
_ATOMS = frozenset((str, int, float, bool, bytes, type(None)))


class Memory(list[Message]):
    """An agent's messages. Strands copies all of them, twice for every call of a model."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "Memory":
        # A fifth of the time that `copy` takes: messages are trees, so no node is met twice.
        return Memory(_copied(message) for message in self)


def _copied(node: Any) -> Any:
    if type(node) in _ATOMS:
        return node
    if type(node) is dict:
        return {key: _copied(value) for key, value in node.items()}
    if type(node) is list:
        return [_copied(one) for one in node]
    return copy.deepcopy(node)


class File(msgspec.Struct, frozen=True, kw_only=True):
    """An attached file, already an artifact of the ledger."""

    artifact_id: str
    name: str
    media_type: str
    size_bytes: int


def person_content(text: str, files: Sequence[File]) -> list[ContentBlock]:
    """The blocks for one thing that the person said. Never blank: providers refuse empty text."""
    blocks: list[ContentBlock] = [{"text": text.strip() or "(no words, only files)"}]
    if files:
        blocks.append({"text": f"{_OPEN}{msgspec.json.encode(list(files)).decode()}{_CLOSE}"})
    return blocks


def read_content(blocks: Sequence[ContentBlock]) -> tuple[str, tuple[File, ...]]:
    """The words and the files of a message that `person_content` made."""
    texts = [block["text"] for block in blocks if "text" in block]
    if not texts:
        return "", ()
    files: list[File] = []
    for text in texts[1:]:
        if text.startswith(_OPEN) and text.endswith(_CLOSE):
            files += msgspec.json.decode(text[len(_OPEN) : -len(_CLOSE)], type=list[File])
    words = "" if texts[0] == "(no words, only files)" else texts[0]
    return words, tuple(files)
