"""The format of an eval file, and reading it.

A file names the world in which its conversations take place, and lists them. A conversation is either one
thing that the person says, or `talk`: several. Unknown fields are refused, so a slip of the pen is no pass.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec
import yaml

from ops.errors import OpsError

T = TypeVar("T")

NOTHING = "none"
"""Expected instead of a tool: that the chief only talks."""


class EvalFileError(OpsError):
    """A file cannot be read as conversations; the message says where and why."""


class WorldTask(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A task as it stands when the conversation begins; tasks are numbered in order, from 1."""

    title: str
    status: Literal["pending", "in_progress", "blocked", "completed", "failed", "cancelled"] = "pending"
    priority: Literal["low", "medium", "high", "critical"] = "medium"
    project: str | None = None
    due: datetime | None = None
    question: str | None = None
    """What a blocked task asks."""
    options: list[str] = []
    approval: bool = False
    """Whether the question is a request for approval."""
    summary: str = "Done."
    """What came out of a completed one."""
    files: dict[str, str] = {}
    """Name and text of what a completed one made."""
    error: str = "It did not work."
    progress: float | None = None


class World(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The ledger at the beginning, and the person's time."""

    now: datetime
    projects: list[str] = []
    tasks: list[WorldTask] = []
    agents: list[str] = []


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One call that has to happen. Of several tools any will do."""

    tool: str | list[str]
    arguments: dict[str, Any] = msgspec.field(name="with", default_factory=dict)

    @property
    def tools(self) -> list[str]:
        return [self.tool] if isinstance(self.tool, str) else self.tool


class Saying(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One turn: what the person says, and what has to come of it."""

    say: str
    files: list[str] = []
    """Names of files that are attached."""
    tool: str | list[str] | None = None
    """The tool that has to be called, or any one of several, or `none`. Without it nothing is judged."""
    arguments: dict[str, Any] = msgspec.field(name="with", default_factory=dict)
    calls: list[Expected] = []
    """When one turn needs several calls."""
    hears: str | None = None
    """A regular expression that the reply has to contain, in any case of letters."""
    never_hears: str | None = None

    @property
    def expected(self) -> list[Expected] | None:
        """The calls that have to happen, or None if this turn is not judged."""
        if self.calls:
            return self.calls
        return None if self.tool is None else [Expected(self.tool, self.arguments)]


class TaskThen(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a task has to stand when the conversation is over. What is not named is not looked at."""

    number: int
    title: str | None = None
    status: str | None = None
    priority: str | None = None
    due: datetime | None = None
    cancel_requested: bool | None = None


class LedgerThen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the ledger has to stand when the conversation is over."""

    tasks: list[TaskThen] = []
    more_tasks: int | None = None
    """How many there have to be beyond those of the world."""
    projects: list[str] = []
    """Names that have to be there."""


class Line(Saying, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An entry of a file: one saying, or a talk of several."""

    say: str = ""
    talk: list[Saying] = []
    after: list[str] = []
    """Said before, and not judged."""
    channel: Literal["text", "voice"] = "text"
    ledger: LedgerThen | None = None


class EvalFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole file. `world` is a World, or the name of a file beside this one."""

    world: World | str
    conversations: list[Line]


@dataclass(frozen=True)
class Conversation:
    """What is run: a world, and what is said in it."""

    name: str
    """Where it stands: the file, and its place in it from 1."""
    world: World
    sayings: tuple[Saying, ...]
    voice: bool
    ledger: LedgerThen | None


def read_conversations(path: Path) -> list[Conversation]:
    """All conversations of a file.

    Raises:
        EvalFileError: It is missing, or is no eval file.
    """
    found = _read(path, EvalFile)
    world = found.world if isinstance(found.world, World) else _read(path.parent / found.world, World)
    return [_conversation(f"{path.name}:{at}", world, line) for at, line in enumerate(found.conversations, 1)]


def _conversation(name: str, world: World, line: Line) -> Conversation:
    if bool(line.say) == bool(line.talk):
        raise EvalFileError(f"{name}: write either `say` or `talk`.")
    earlier = [Saying(text) for text in line.after]
    now = line.talk or [
        Saying(line.say, line.files, line.tool, line.arguments, line.calls, line.hears, line.never_hears)
    ]
    return Conversation(name, world, (*earlier, *now), line.channel == "voice", line.ledger)


def _read(path: Path, kind: type[T]) -> T:
    try:
        return msgspec.convert(yaml.safe_load(path.read_text("utf-8")), kind)
    except OSError as error:
        raise EvalFileError(f"{path} cannot be read: {error.strerror}.") from None
    except yaml.YAMLError as error:
        raise EvalFileError(f"{path} is not YAML: {error}") from None
    except msgspec.ValidationError as error:
        raise EvalFileError(f"{path} is no eval file: {error}. The format is in docs/evals.md.") from None
