"""The commands: what exists, and how a message that begins with a slash is read."""

import re
from dataclasses import dataclass
from enum import Enum

_COMMAND = re.compile(r"/(?P<name>[A-Za-z0-9_]{1,32})(?:@(?P<bot>\w{1,64}))?(?:\s+(?P<rest>.*))?", re.DOTALL)


class Route(Enum):
    """Who answers a command."""

    HERE = "here"
    """The channel, at once."""
    TALK = "talk"
    """The chief, in its turn."""
    CONTROL = "control"
    """The chief, past whatever turn is running."""


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the command menu."""

    name: str
    description: str
    route: Route
    needs_words: str = ""
    """An example, when the command means nothing without words behind it."""


COMMANDS = (
    Command("task", "Have something done: /task and what", Route.TALK, "/task Summarise the minutes, !high"),
    Command("tasks", "What is open, running and done", Route.TALK),
    Command("status", "What is going on right now", Route.CONTROL),
    Command("whoami", "Your Telegram id and your session", Route.HERE),
    Command("help", "What I can do", Route.HERE),
    Command("start", "Say hello", Route.HERE),
)
_BY_NAME = {command.name: command for command in COMMANDS}


@dataclass(frozen=True, slots=True)
class Typed:
    """A command as somebody typed it."""

    name: str
    bot: str | None
    """The bot's name behind an @, as people write it in groups."""
    rest: str

    @property
    def known(self) -> Command | None:
        """The command of that name, if there is one."""
        return _BY_NAME.get(self.name)

    @property
    def text(self) -> str:
        """The command without the bot's name."""
        return f"/{self.name} {self.rest}".rstrip()


def parse(text: str) -> Typed | None:
    """Read a command off the front of a message; None for ordinary words and for paths (`/etc/hosts`)."""
    match = _COMMAND.fullmatch(text.strip())
    if match is None:
        return None
    return Typed(match["name"].lower(), match["bot"], (match["rest"] or "").strip())
