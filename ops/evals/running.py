"""Conversations, run through the real chief."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from strands.models import Model

from agentops import AgentOpsClient
from brain.chief.answering import Chief, Minds
from gateway.session.turns import Attachment, Lane, SessionId, Turn, TurnId
from ops.evals.conversations import Conversation, LedgerThen, Saying, TaskThen
from ops.evals.judging import Judged, judge, same
from ops.evals.overhearing import Heard, Overheard
from ops.evals.worlds import begin

_SESSION = SessionId("eval")
_FILE = b"month,revenue\nJuly,100\nAugust,120\n"
_MARKUP = re.compile(r"https?://|^\s*(?:[-*•]|\d+[.)])\s|[*_#`|]{2,}|^#", re.MULTILINE)
_MAX_SPOKEN_WORDS = 90
"""About thirty seconds."""


@dataclass(frozen=True)
class Contender:
    """The model under test. A conversation gets its own: for the clock of its world, and for its channel."""

    name: str
    make: Callable[[Callable[[], datetime], bool], Model]
    commands: Callable[[Callable[[], datetime]], Model]
    """For slash commands, which the chief never gives to the model under test."""
    prompt: str
    voice_prompt: str
    price: Callable[[int, int], float | None]
    """US dollars for so many tokens in and out; None when nobody knows."""
    turn_timeout_s: float = 120.0


@dataclass(frozen=True)
class Outcome:
    """One judged turn."""

    name: str
    saying: Saying
    voice: bool
    judged: Judged
    reply: str
    unheard: str
    """What is wrong with the reply; empty when it is as it should be."""
    seconds: float
    cost_usd: float | None


async def run_all(
    conversations: Sequence[Conversation], contender: Contender, *, at_once: int = 1
) -> AsyncIterator[list[Outcome]]:
    """The judged turns of each conversation, in order."""
    slots = asyncio.Semaphore(at_once)

    async def one(conversation: Conversation) -> list[Outcome]:
        async with slots:
            return await run(conversation, contender)

    async with asyncio.TaskGroup() as group:
        running = [group.create_task(one(conversation)) for conversation in conversations]
        for task in running:
            yield await task


async def run(conversation: Conversation, contender: Contender) -> list[Outcome]:
    """The judged turns of one conversation."""
    ledger = await begin(conversation.world)
    async with ledger.client() as ops:
        heard = Heard()
        chief = _chief(ops, conversation, contender, heard)
        outcomes = []
        for at, saying in enumerate(conversation.sayings):
            heard.clear()
            turn = await _turn(ops, saying, at, conversation)
            began = perf_counter()
            reply = await chief.answer(turn, _unheard)
            seconds = perf_counter() - began
            if saying.expected is None and saying.hears is None:
                continue
            problem = _reply_problem(saying, reply.text, voice=conversation.voice)
            last = at == len(conversation.sayings) - 1
            if last and conversation.ledger and not problem:
                problem = await _ledger_problem(ops, conversation.ledger, len(conversation.world.tasks))
            outcomes.append(
                Outcome(
                    name=conversation.name,
                    saying=saying,
                    voice=conversation.voice,
                    judged=judge(saying, heard.calls, heard.defaults),
                    reply=reply.text,
                    unheard=problem,
                    seconds=seconds,
                    cost_usd=contender.price(heard.input_tokens, heard.output_tokens),
                )
            )
        await chief.settled()
    return outcomes


def _chief(ops: AgentOpsClient, conversation: Conversation, contender: Contender, heard: Heard) -> Chief:
    def clock() -> datetime:
        return conversation.world.now

    minds = Minds(
        talking=Overheard(contender.make(clock, conversation.voice), heard),
        commands=Overheard(contender.commands(clock), heard),
        name=contender.name,
        prompt=contender.prompt,
        voice_prompt=contender.voice_prompt,
    )
    return Chief(ops, minds, clock, cached_sessions=2, turn_timeout_s=contender.turn_timeout_s)


async def _turn(ops: AgentOpsClient, saying: Saying, at: int, conversation: Conversation) -> Turn:
    files = []
    for name in saying.files:
        stored = await ops.upload(name, _FILE, media_type="text/csv")
        files.append(
            Attachment(
                artifact_id=stored.id, name=name, media_type=stored.media_type, size_bytes=stored.size_bytes
            )
        )
    return Turn(
        id=TurnId(f"{conversation.name}-{at}"),
        session_id=_SESSION,
        channel="phone" if conversation.voice else "web",
        address="eval",
        external_id=str(at),
        text=saying.say,
        lane=Lane.TALK,
        attachments=tuple(files),
        received_at=conversation.world.now,
    )


async def _unheard(chunk: str) -> None:
    """Nobody listens to the pieces; the whole reply is judged."""


def _reply_problem(saying: Saying, text: str, *, voice: bool) -> str:
    if not text.strip():
        return "it said nothing"
    if saying.hears and not re.search(saying.hears, text, re.IGNORECASE):
        return f"the reply lacks {saying.hears!r}"
    if saying.never_hears and re.search(saying.never_hears, text, re.IGNORECASE):
        return f"the reply has {saying.never_hears!r}"
    if voice and (marked := _MARKUP.search(text)):
        return f"not for the ear: {marked[0].strip()!r}"
    if voice and len(text.split()) > _MAX_SPOKEN_WORDS:
        return f"too long to listen to: {len(text.split())} words"
    return ""


async def _ledger_problem(ops: AgentOpsClient, then: LedgerThen, before: int) -> str:
    for wanted in then.tasks:
        if problem := await _task_problem(ops, wanted):
            return problem
    if then.more_tasks is not None:
        more = len((await ops.list_tasks(limit=100)).items) - before
        if more != then.more_tasks:
            return f"there are {more} more tasks, not {then.more_tasks}"
    names = {project.name for project in await ops.list_projects()}
    missing = [name for name in then.projects if name not in names]
    return f"there is no project {missing[0]!r}" if missing else ""


async def _task_problem(ops: AgentOpsClient, wanted: TaskThen) -> str:
    task = await ops.find_task(wanted.number)
    pairs = {
        "title": (wanted.title, task.title),
        "status": (wanted.status, task.status.value),
        "priority": (wanted.priority, task.priority.value),
        "due": (wanted.due, task.due_at and wanted.due and task.due_at.astimezone(wanted.due.tzinfo)),
        "cancel_requested": (wanted.cancel_requested, task.cancel_requested),
    }
    for name, (right, found) in pairs.items():
        if right is not None and not same(right, found):
            return f"task {wanted.number}'s {name} is {found!r}, not {right!r}"
    return ""
