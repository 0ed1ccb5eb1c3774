"""The commands: what exists, and how a message that begins with a slash is read."""

import re
from dataclasses import dataclass
from enum import Enum

_COMMAND = re.compile(r"/(?P<name>[A-Za-z0-9_]{1,32})(?:@(?P<bot>\w{1,64}))?(?:\s+(?P<rest>.*))?", re.DOTALL)
_BULLET = re.compile(r"\s*(?:/task(?:@\w+)?\s+|[-*•]\s+|\d{1,3}[.)]\s+)?")
MOST_TASKS = 20
"""In one message."""


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
    Command(
        "task",
        "Have something done: /task Buy paint @home !high due:friday",
        Route.TALK,
        "/task Summarise the minutes !high due:friday",
    ),
    Command("tasks", "What is open, running and done", Route.TALK),
    Command("status", "What is going on right now", Route.CONTROL),
    Command("approve", "What waits for your yes; let somebody in by their code", Route.HERE),
    Command("stop", "Stop what I am doing in this conversation", Route.CONTROL),
    Command("new", "Begin a new conversation", Route.TALK),
    Command("brief", "The day's brief, now", Route.TALK),
    Command("agents", "Who is working", Route.TALK),
    Command("projects", "Your projects", Route.TALK),
    Command("notify", "What you hear of, and how", Route.HERE),
    Command("quiet", "When nothing may ring: /quiet 22:00-07:00", Route.HERE),
    Command("voice", "Answer my voice notes aloud: /voice on", Route.HERE),
    Command("budget", "What was spent, and what may be", Route.HERE),
    Command("panel", "A link into the panel, for one login", Route.HERE),
    Command("phone", "Link your phone number", Route.HERE),
    Command("call", "Have me ring you", Route.HERE),
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

    @property
    def texts(self) -> tuple[str, ...]:
        """The same, one for each thing that it asks for: each line of a /task is a task of its own.

        What follows an empty line describes the task above it, so such a message stays whole.
        """
        lines = self.rest.splitlines()
        if self.name != "task" or len(lines) < 2 or any(not line.strip() for line in lines):
            return (self.text,)
        titles = [_BULLET.sub("", line, count=1).strip() for line in lines]
        return tuple(f"/task {title}" for title in titles if title)


def parse(text: str) -> Typed | None:
    """Read a command off the front of a message; None for ordinary words and for paths (`/etc/hosts`)."""
    match = _COMMAND.fullmatch(text.strip())
    if match is None:
        return None
    return Typed(match["name"].lower(), match["bot"], (match["rest"] or "").strip())
