"""What a scripted model may do when it is asked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """One call of a tool."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Words:
    """An answer in words."""

    text: str


@dataclass(frozen=True)
class Asked:
    """One request, as a script sees it."""

    body: dict[str, Any] = field(repr=False)

    @property
    def system(self) -> str:
        """The system prompt."""
        return "\n".join(_text(one) for one in self.body["messages"] if one["role"] == "system")

    @property
    def last_result(self) -> str:
        """What the newest tool answered."""
        results = [_text(one) for one in self.body["messages"] if one["role"] == "tool"]
        return results[-1] if results else ""

    @property
    def tools(self) -> set[str]:
        """The names of the tools on offer."""
        return {one["function"]["name"] for one in self.body.get("tools", [])}


Single = Call | Words | int
Move = Single | list[Call] | Callable[[Asked], Any]


def call(name: str, /, **arguments: Any) -> Call:
    """A call of a tool."""
    return Call(name, arguments)


def words(text: str) -> Words:
    """An answer in words."""
    return Words(text)


def _text(message: dict[str, Any]) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(block.get("text", "") for block in content)
