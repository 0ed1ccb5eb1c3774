"""One turn, from the person's words to the reply."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec
import structlog
from strands import Agent
from strands.agent.conversation_manager import SlidingWindowConversationManager
from strands.models import Model
from strands.tools.executors import SequentialToolExecutor
from strands.types.content import ContentBlock

from agentops import AgentOpsClient, AgentOpsError
from agentops.wire import Page, TaskId, TurnRecord
from brain.chief.afterwards import Afterwards
from brain.chief.facts import Facts
from brain.chief.guard import Guard
from brain.chief.memory import REMEMBERED_TURNS, Conversation, Conversations, begins_anew, last_words, thin
from brain.chief.metrics import timed
from brain.chief.minds import Minds, thinks
from brain.chief.notes import Notes, NotesStore, Shown
from brain.chief.people import People
from brain.chief.prompting import context_block, system_prompt
from brain.chief.record import Record
from brain.chief.scenes import Scene, Scenes
from brain.chief.speaking import Mouth
from brain.chief.spending import Spending, spent_text
from brain.chief.summaries import KEPT, SUMMARISED_AT, Summaries
from brain.chief.thinking import Thinking
from brain.chief.tools import Desk, Toolbox
from brain.chief.work import TurnWork
from brain.counting import ToolsCounted
from brain.messages import File, Memory, person_content
from gateway.session.call_wishes import CallWishes
from gateway.session.memos import MemoryMemos, Memos
from gateway.session.serving import Say
from gateway.session.stream import SessionStream
from gateway.session.turns import Action, Attachment, Lane, Reply, Turn

LEDGER_AWAY = (
    "I cannot reach my ledger right now, so I did nothing with your message: nothing was created or changed. "
    "Please send it again in a moment."
)
FOR_A_GUEST = (
    "Thank you, I have written that down for the people I work for. "
    "As their guest you can leave me messages; to have things done, ask them to make you a member."
)
_GUEST = "guest"
"""A guest's words reach no model and no tool: nothing that they say can act, or tell them what is here."""
_INTERRUPTED = " […]"
_MOST_NEWS = 5
_MOST_MOUTHS = 1_000
_WINDOW_MESSAGES = 4 * SUMMARISED_AT

log = structlog.get_logger(__name__)

__all__ = ["Chief", "Minds"]


class Chief:
    """Answers turns. `answer` and `note` are what `gateway.session.serve_turns` calls."""

    def __init__(
        self,
        ops: AgentOpsClient,
        minds: Minds,
        clock: Callable[[], datetime],
        *,
        cached_sessions: int,
        turn_timeout_s: float,
        memos: Memos | None = None,
        stream: SessionStream | None = None,
    ) -> None:
        """
        Args:
            ops: With an admin key.
            minds: Who thinks.
            clock: Gives the local time of this machine, with its zone.
            cached_sessions: How many conversations stay in memory.
            turn_timeout_s: For one turn, all its calls and tools together.
            memos: Where notes, facts and summaries are; None keeps them in this process.
            stream: For messages to other channels; None: there are none.
        """
        self._ops = ops
        self._minds = minds
        self._clock = clock
        memos = memos or MemoryMemos()
        self._record = Record(ops)
        self._notes = NotesStore(memos)
        self._summaries = Summaries(memos)
        facts, people = Facts(memos), People(ops)
        self._scenes = Scenes(self._record, people, memos)
        self._spending = Spending(ops)
        self.tools = Toolbox(Desk(ops, facts, people, stream, CallWishes(memos)))
        self._conversations = Conversations(ops, lambda: self._agent(minds.talking), limit=cached_sessions)
        self._turn_timeout_s = turn_timeout_s
        self._mouths: dict[str, Mouth] = {}
        self._afterwards = Afterwards(
            minds,
            self._spending,
            self._summaries,
            self._conversations.forget,
            timeout_s=turn_timeout_s,
        )

    async def answer(self, turn: Turn, say: Say) -> Reply:
        """The reply to one turn. Running a turn again writes nothing twice.

        The reply is always honest about what happened: a ledger or a model that is away is told, not raised.
        """
        bound = structlog.contextvars.bound_contextvars(session_id=turn.session_id, turn_id=turn.id)
        with bound, timed(turn) as seen:
            work = TurnWork(turn_id=turn.id, session_id=turn.session_id)
            try:
                text, work = await self._answered(turn, work, seen.heard(say))
            except AgentOpsError as away:
                log.warning("ledger.away", code=away.code)
                text, seen.ended = LEDGER_AWAY, "ledger_away"
            reply = _reply(turn, text, work)
            self._conversations.answered(await self._record.answered(reply))
            self._mouths.pop(turn.id, None)
            log.info("turn.thought", actions=len(work.actions), refused=work.failures)
            return reply

    async def note(self, turn: Turn, reply: Reply) -> None:
        """Put on record what the session answered in the chief's place: to /stop, or an apology.

        Of an answer that was cut off, the record holds what was said of it.
        """
        mouth = self._mouths.pop(turn.id, None)
        said = mouth.said.rstrip() if mouth else ""
        recorded = _reply(turn, said + _INTERRUPTED, None) if said else reply
        try:
            await self._record.heard(turn)
            await self._record.answered(recorded)
        except AgentOpsError as away:
            log.warning("reply.not_recorded", turn_id=turn.id, code=away.code)
        # A turn that was cut off leaves the agent with half a thought; the record says how it ended.
        self._conversations.forget(turn.session_id)

    def unload(self, session_id: str) -> None:
        """Drop a session's conversation from this process; what the ledger has of it is read anew."""
        self._conversations.forget(session_id)

    async def settled(self) -> None:
        """Wait for what is done after replies: usage written down, summaries made."""
        await self._afterwards.settled()

    # --- one turn

    async def _answered(self, turn: Turn, work: TurnWork, say: Say) -> tuple[str, TurnWork]:
        if turn.role == _GUEST:
            await self._record.heard(turn)
            return FOR_A_GUEST, work
        if _is_command(turn):
            # On an agent of its own, so that it never waits for the turn that runs in this session.
            scene = await self._scenes.of(turn)
            work = self._work(turn, scene)
            text = await self._commanded(turn, work, self._mouth(turn, work, say))
        else:
            async with self._conversations.held(turn.session_id) as conversation:
                scene = await self._scenes.of(turn)
                unheard = await self._conversations.unheard(
                    conversation, scene.said, remembered=self._remembered
                )
                work = self._work(turn, scene)
                text = await self._spoken(
                    turn, work, self._mouth(turn, work, say), scene, conversation, unheard
                )
        await self._keep(turn, work, scene)
        return text, work

    def _mouth(self, turn: Turn, work: TurnWork, say: Say) -> Mouth:
        mouth = self._mouths[turn.id] = Mouth(say, work)
        if len(self._mouths) > _MOST_MOUTHS:
            # Of turns that another brain took over: nobody will ask for what was said here.
            del self._mouths[next(iter(self._mouths))]
        return mouth

    async def _keep(self, turn: Turn, work: TurnWork, scene: Scene) -> None:
        """Save what the session is to remember of this turn."""
        notes = work.notes_afterwards()
        if _is_command(turn) and not begins_anew(turn.text):
            # Beside a turn that runs: what waits for a yes is that one's affair.
            now = await self._notes.load(turn.session_id)
            notes = msgspec.structs.replace(now, shown=notes.shown)
        if notes != scene.notes_before:
            await self._notes.save(turn.session_id, notes)

    def _work(self, turn: Turn, scene: Scene) -> TurnWork:
        return TurnWork(
            turn_id=turn.id,
            session_id=turn.session_id,
            files=[_file_of(attachment) for attachment in turn.attachments],
            said=turn.text,
            role=turn.role,
            person=scene.profile.key,
            person_id=scene.profile.id,
            channel=turn.channel,
            clock=lambda: scene.profile.local(self._clock()),
            notes=scene.notes,
        )

    async def _commanded(self, turn: Turn, work: TurnWork, mouth: Mouth) -> str:
        if begins_anew(turn.text):
            work.notes = Notes()
            await self._summaries.drop(turn.session_id)
        return await self._by_templates(person_content(turn.text, work.files), work, mouth)

    async def _spoken(
        self,
        turn: Turn,
        work: TurnWork,
        mouth: Mouth,
        scene: Scene,
        conversation: Conversation,
        unheard: Page[TurnRecord],
    ) -> str:
        caught_up = await self._conversations.catch_up(
            conversation, unheard, scene.said, scene.summary, remembered=self._remembered
        )
        if caught_up.reply is not None:
            work.actions += await self._actions_of(work)
            self._conversations.forget(turn.session_id)
            return caught_up.reply.text
        work.notes = work.notes.with_news(await self._news(caught_up.news))
        content = person_content(turn.text, work.files)
        text = await self._in_conversation(conversation, content, work, mouth, scene)
        self._afterwards.lengthened(turn.session_id, conversation, scene.summary)
        return text

    async def _in_conversation(
        self,
        conversation: Conversation,
        content: list[ContentBlock],
        work: TurnWork,
        mouth: Mouth,
        scene: Scene,
    ) -> str:
        agent = conversation.agent
        mind = self._minds.on(work.channel)
        work.follows_data = mind.thinks
        if mind.thinks:
            spent = await self._spending.spent()
            if spent is not None:
                told = spent_text(spent)
                await mouth.say(told)
                return told + await self._by_templates(content, work, mouth)
            content = [*content, context_block(work.clock(), work.notes, work.said)]
        work.asked = last_words(agent.messages, "assistant")
        work.before = last_words(agent.messages, "user")
        agent.model = mind.model
        agent.tool_registry = self.tools.on(work.channel)
        agent.system_prompt = system_prompt(mind.prompt, scene.profile, scene.facts, scene.summary.text)
        thinking = Thinking(agent, work, mouth, model=mind.name, timeout_s=self._turn_timeout_s)
        try:
            thought = await thinking.answer(content)
        finally:
            if mind.thinks:
                self._afterwards.used(work, thinking.used)
        if thought.broken:
            self._conversations.forget(work.session_id)
        thin(agent.messages)
        return thought.text

    async def _by_templates(self, content: list[ContentBlock], work: TurnWork, mouth: Mouth) -> str:
        work.follows_data = False
        agent = self._agent(self._minds.commands)
        thinking = Thinking(agent, work, mouth, model="offline", timeout_s=self._turn_timeout_s)
        return (await thinking.answer(content)).text

    @property
    def _remembered(self) -> int:
        """How many turns are read anew: all that no summary covers yet, where there are summaries."""
        return SUMMARISED_AT + KEPT if thinks(self._minds.talking) else REMEMBERED_TURNS

    async def _actions_of(self, work: TurnWork) -> list[Action]:
        """What a killed process had created in this turn."""
        page = await self._ops.list_tasks(origin=work.session_id, limit=50)
        made = [task for task in page.items if task.context.get("turn_id") == work.turn_id]
        return [Action(type="task.created", entity_id=t.id, title=t.title) for t in reversed(made)]

    async def _news(self, records: Sequence[TurnRecord]) -> tuple[Shown, ...]:
        """The tasks that the person was told of since they last spoke."""
        ids = list(dict.fromkeys(record.task_id for record in records if record.task_id))[:_MOST_NEWS]
        tasks = await asyncio.gather(*(self._ops.get_task(TaskId(one)) for one in ids))
        return tuple(Shown(kind="task", name=task.title, number=task.number, news=True) for task in tasks)

    def _agent(self, model: Model) -> Agent:
        agent = Agent(
            model=model,
            messages=Memory(),
            system_prompt=self._minds.prompt,
            callback_handler=None,
            # Wider than what is ever between two summaries, so that nothing is lost between them.
            conversation_manager=SlidingWindowConversationManager(window_size=_WINDOW_MESSAGES),
            # One after the other, so that the ordinals in idempotency keys are the same in a second run.
            tool_executor=SequentialToolExecutor(),
            # A model tries again by itself, and knows what of its answer was heard already.
            retry_strategy=None,
            hooks=[Guard(), ToolsCounted()],
        )
        agent.tool_registry = self.tools.registry
        return agent


def _is_command(turn: Turn) -> bool:
    return turn.lane is Lane.CONTROL or turn.text.lstrip().startswith("/")


def _reply(turn: Turn, text: str, work: TurnWork | None) -> Reply:
    return Reply(
        session_id=turn.session_id,
        turn_id=turn.id,
        channel=turn.channel,
        address=turn.address,
        text=text,
        actions=tuple(work.actions) if work else (),
        # Who is asked something stays on the line to answer it.
        parts=bool(work and work.parts and not work.asks),
        at=datetime.now(UTC),
    )


def _file_of(attachment: Attachment) -> File:
    return File(
        artifact_id=attachment.artifact_id,
        name=attachment.name,
        media_type=attachment.media_type,
        size_bytes=attachment.size_bytes,
    )
