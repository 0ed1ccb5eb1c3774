"""What a model does with one request."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Says:
    """An answer in words, streamed word by word."""

    text: str

    @property
    def pieces(self) -> list[str]:
        words = self.text.split(" ")
        return [word + (" " if at < len(words) - 1 else "") for at, word in enumerate(words)]


@dataclass(frozen=True)
class Calls:
    """A tool call, its arguments in two pieces where the protocol has pieces."""

    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    broken: bool = False
    """The second half of the arguments is missing, and the message ends as if it were whole."""

    @property
    def pieces(self) -> list[str]:
        text = json.dumps(self.arguments)
        half = len(text) // 2
        return [text[:half]] if self.broken else [text[:half], text[half:]]


@dataclass(frozen=True)
class Refuses:
    """An HTTP status instead of an answer. The message repeats the key, as some vendors do."""

    status: int


@dataclass(frozen=True)
class Breaks:
    """The connection closes in the middle of the message, after what was streamed so far."""

    after: Says | Calls


@dataclass(frozen=True)
class Hangs:
    """The connection stays open, and nothing comes, or nothing more."""

    after: Says | None = None
    whole: bool = False
    """All that belongs to the message was said; only that this was all is not."""


Script = Says | Calls | Refuses | Breaks | Hangs
