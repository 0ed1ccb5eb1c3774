"""One turn, from the person's words to the reply."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from strands import Agent, ModelRetryStrategy
from strands.models import Model
from strands.tools.executors import SequentialToolExecutor
from strands.types.content import ContentBlock

from agentops import AgentOpsClient, AgentOpsError
from brain.chief import truth
from brain.chief.memory import Conversation, Conversations
from brain.chief.record import Record
from brain.chief.tools import LedgerTools
from brain.chief.work import TurnWork
from brain.messages import File, person_content
from gateway.session.serving import Say
from gateway.session.turns import Action, Attachment, Lane, Reply, Turn

LEDGER_AWAY = (
    "I cannot reach my ledger right now, so I did nothing with your message: nothing was created or changed. "
    "Please send it again in a moment."
)
TOO_LONG = "I thought too long about this and stopped. "
MODEL_FAILED = "My language model ({model}) did not answer, so I could not finish this. "
FOR_A_GUEST = (
    "Thank you, I have written that down for the people I work for. "
    "As their guest you can leave me messages; to have things done, ask them to make you a member."
)
NOTHING_DONE = "Nothing was created or changed. Please try again; /status works without the model."
_MAX_STEPS = 12
_GUEST = "guest"
"""A guest's words reach no model and no tool: nothing that they say can act, or tell them what is here."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Minds:
    """The models that answer, and what they are told."""

    talking: Model
    """For conversation."""
    commands: Model
    """For slash commands, which mean the same whichever model talks."""
    name: str
    """Of the talking one, as COS_MODEL spells it."""
    prompt: str


class Chief:
    """Answers turns. Its one method is what `gateway.session.serve_turns` calls."""

    def __init__(
        self,
        ops: AgentOpsClient,
        minds: Minds,
        clock: Callable[[], datetime],
        *,
        cached_sessions: int,
        turn_timeout_s: float,
    ) -> None:
        """`clock` gives the person's local time, with its zone."""
        self._ops = ops
        self._minds = minds
        self._tools = LedgerTools(ops, clock).all()
        self._record = Record(ops)
        self._conversations = Conversations(ops, lambda: self._agent(minds.talking), limit=cached_sessions)
        self._turn_timeout_s = turn_timeout_s

    async def answer(self, turn: Turn, say: Say) -> Reply:
        """The reply to one turn. Running a turn again writes nothing twice.

        The reply is always honest about what happened: a ledger or a model that is away is told, not raised.
        """
        with structlog.contextvars.bound_contextvars(session_id=turn.session_id, turn_id=turn.id):
            files = [_file_of(attachment) for attachment in turn.attachments]
            work = TurnWork(turn_id=turn.id, session_id=turn.session_id, files=files)
            try:
                await self._record.heard(turn)
                text = FOR_A_GUEST if turn.role == _GUEST else await self._spoken(turn, work, say)
            except AgentOpsError as away:
                log.warning("ledger.away", code=away.code)
                text = LEDGER_AWAY
            reply = _reply(turn, text, work)
            await self._record.answered(reply)
            log.info("turn.thought", actions=len(work.actions), refused=work.failures)
            return reply

    async def note(self, turn: Turn, reply: Reply) -> None:
        """Put on record what the session answered in the chief's place: to /stop, or an apology."""
        try:
            await self._record.heard(turn)
            await self._record.answered(reply)
        except AgentOpsError as away:
            log.warning("reply.not_recorded", turn_id=turn.id, code=away.code)
        # A turn that was cut off leaves the agent with half a thought; the record says how it ended.
        self._conversations.forget(turn.session_id)

    async def _spoken(self, turn: Turn, work: TurnWork, say: Say) -> str:
        content = person_content(turn.text, work.files)
        if turn.lane is Lane.CONTROL or turn.text.lstrip().startswith("/"):
            # On an agent of its own, so that it never waits for the turn that runs in this session.
            return await self._thought(self._agent(self._minds.commands), content, work, say)
        async with self._conversations.held(turn.session_id) as conversation:
            told = await self._conversations.catch_up(conversation, turn.session_id, turn.id)
            if told is not None:
                work.actions += await self._actions_of(work)
                self._conversations.forget(turn.session_id)
                return told.text
            return await self._true(conversation, content, work, say)

    async def _true(
        self, conversation: Conversation, content: list[ContentBlock], work: TurnWork, say: Say
    ) -> str:
        """The model's answer; when it claims what no row shows, it is asked once more, then corrected."""
        text = await self._thought(conversation.agent, content, work, say)
        claims = truth.false_claims(text, work)
        if not claims:
            return text
        log.warning("reply.untrue", claims=len(claims))
        reminder = truth.REMINDER.format(claims=" ".join(claims))
        text = await self._thought(conversation.agent, [{"text": reminder}], work, say)
        # What the person never saw must not stay in the agent's memory.
        self._conversations.forget(work.session_id)
        return truth.CORRECTION if truth.false_claims(text, work) else text

    async def _thought(self, agent: Agent, content: list[ContentBlock], work: TurnWork, say: Say) -> str:
        """Run the agent loop. Whatever a provider's client raises becomes an honest sentence."""
        try:
            async with asyncio.timeout(self._turn_timeout_s):
                text = await _streamed(agent, content, work, say)
        except TimeoutError:
            log.warning("model.too_slow", model=self._minds.name)
            failure = TOO_LONG
        except Exception:
            # Every provider has its own errors, and none of them may cost the person an answer.
            log.exception("model.failed", model=self._minds.name)
            failure = MODEL_FAILED.format(model=self._minds.name)
        else:
            return text or _summary(work.actions) or "I have nothing to say to that."
        self._conversations.forget(work.session_id)
        return failure + (_summary(work.actions) or NOTHING_DONE)

    async def _actions_of(self, work: TurnWork) -> list[Action]:
        """What a killed process had created in this turn."""
        page = await self._ops.list_tasks(origin=work.session_id, limit=50)
        made = [task for task in page.items if task.context.get("turn_id") == work.turn_id]
        return [Action(type="task.created", entity_id=t.id, title=t.title) for t in reversed(made)]

    def _agent(self, model: Model) -> Agent:
        return Agent(
            model=model,
            tools=self._tools,
            system_prompt=self._minds.prompt,
            callback_handler=None,
            # One after the other, so that the ordinals in idempotency keys are the same in a second run.
            tool_executor=SequentialToolExecutor(),
            retry_strategy=ModelRetryStrategy(max_attempts=3, initial_delay=1, max_delay=8),
        )


async def _streamed(agent: Agent, content: list[ContentBlock], work: TurnWork, say: Say) -> str:
    """Run one turn on the agent, passing on its words as they come; the words of its last message."""
    events = agent.stream_async(content, invocation_state={"work": work}, limits={"turns": _MAX_STEPS})
    said = ""
    async for event in events:
        if "data" in event:
            await say(event["data"])
        elif "result" in event:
            blocks = event["result"].message["content"]
            said = "".join(block["text"] for block in blocks if "text" in block).strip()
    return said


def _reply(turn: Turn, text: str, work: TurnWork) -> Reply:
    return Reply(
        session_id=turn.session_id,
        turn_id=turn.id,
        channel=turn.channel,
        address=turn.address,
        text=text,
        actions=tuple(work.actions),
        at=datetime.now(UTC),
    )


def _summary(actions: list[Action]) -> str:
    """What the ledger shows, when the model has no words for it."""
    if not actions:
        return ""
    return "In the ledger: " + "; ".join(f"{action.type} “{action.title}”" for action in actions) + "."


def _file_of(attachment: Attachment) -> File:
    return File(
        artifact_id=attachment.artifact_id,
        name=attachment.name,
        media_type=attachment.media_type,
        size_bytes=attachment.size_bytes,
    )
