"""What is said in a call, in the session: without sound."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import msgspec
import pytest

from agentops import AgentOpsClient
from agentops.testing import FakeLedger
from agentops.wire import NewTask, TaskStatus
from gateway.phone import wording
from gateway.phone.conversation import Conversation
from gateway.phone.gatekeeper import Gatekeeper
from gateway.phone.parties import Party, Trust
from gateway.phone.receipts import text_of
from gateway.phone.watching import Unwatched
from gateway.session.memory import MemorySessionStream
from gateway.session.memos import MemoryMemos
from gateway.session.serving import Say, serve_turns
from gateway.session.stream import Appended
from gateway.session.turns import Action, Lane, Notice, Reply, SessionId, Turn
from tests.conformance.turns import a_reply
from tests.waiting import eventually
from voice.port import Spoken, SpokenKind, Utterance, UtteranceKind

MAIN = SessionId("main")
MONDAY = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


class Hand:
    """The voice's side of a call."""

    id = "CA1"

    def __init__(self) -> None:
        self.said: list[str] = []
        self.hung_up = False
        self.hints: list[str] = []

    def listen_for(self, phrases: Iterable[str]) -> None:
        self.hints = list(phrases)

    async def say(self, text: str) -> None:
        self.said.append(text)

    async def hang_up(self, farewell: str = "") -> None:
        self.hung_up = True


class Away(MemorySessionStream):
    """A store that may be away."""

    def __init__(self) -> None:
        super().__init__()
        self.here = asyncio.Event()
        self.here.set()

    async def append(self, turn: Turn) -> Appended:
        await self.here.wait()
        return await super().append(turn)


class Talk:
    """A call that is under way, and the brain behind it."""

    def __init__(
        self, trust: Trust = Trust.CONFIRMED, message: str = "", *, answer_patience_s: float = 60
    ) -> None:
        self.stream = Away()
        self.ops: AgentOpsClient = FakeLedger().client()
        self.hand = Hand()
        self.turns: list[Turn] = []
        self.slow: asyncio.Event | None = None
        self.parts = False
        self.words = "All is well."
        party = Party(
            session_id=MAIN,
            channel="phone",
            address="+493012345678",
            trust=trust,
            person_id="ada",
            name="Ada",
            time_zone="Europe/Berlin",
            message=message,
        )
        self.handler = Conversation(
            self.stream,
            self.ops,
            party,
            Gatekeeper(party, None, MemoryMemos(), "CA1"),
            call_id="CA1",
            watcher=Unwatched(),
            clock=lambda: MONDAY,
            answer_patience_s=answer_patience_s,
        )

    async def answer(self, turn: Turn, say: Say) -> Reply:
        """The brain: creates a task for whoever says "create"."""
        self.turns.append(turn)
        if self.slow is not None and turn.lane is Lane.TALK:
            await self.slow.wait()
        if "create" not in turn.text.lower():
            return msgspec.structs.replace(a_reply(turn, self.words), parts=self.parts)
        task = await self.ops.create_task(NewTask(title=turn.text))
        action = Action(type="task.created", entity_id=task.id, title=task.title)
        return Reply(
            session_id=turn.session_id,
            turn_id=turn.id,
            channel=turn.channel,
            address=turn.address,
            text="Created.",
            actions=(action,),
            at=MONDAY,
        )

    async def says(self, text: str, *, name: str = "u1", replaces: str = "") -> str:
        utterance = Utterance(id=name, kind=UtteranceKind.SPEECH, text=text, at=MONDAY, replaces=replaces)
        async with asyncio.timeout(5):
            return "".join([piece async for piece in self.handler.answer(utterance)])


@asynccontextmanager
async def talking(talk: Talk) -> AsyncIterator[Talk]:
    ready = asyncio.Event()
    tasks = [
        asyncio.create_task(talk.handler.run(ready)),
        asyncio.create_task(serve_turns(talk.stream, talk.answer, brain="brain")),
    ]
    await ready.wait()
    async with talk.ops:
        yield talk
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize(
    ("trust", "message", "words"),
    [
        (Trust.CONFIRMED, "", "Good morning, Ada"),
        (Trust.CONFIRMED, "Wake up.", "calling you"),
        (Trust.CLAIMED, "Wake up.", "PIN"),
        (Trust.CLAIMED, "", "PIN"),
        (Trust.STRANGER, "", "leave a message"),
    ],
)
async def test_the_greeting_knows_who_calls_and_tells_nobody_else(
    trust: Trust, message: str, words: str
) -> None:
    talk = Talk(trust, message)
    greeting = await talk.handler.greeting(talk.hand)
    assert words in greeting
    assert "Wake up" not in greeting
    assert ("Ada" in greeting) is (trust is Trust.CONFIRMED)


async def test_an_utterance_is_a_turn_of_the_persons_session() -> None:
    async with talking(Talk()) as talk:
        await talk.handler.greeting(talk.hand)
        assert await talk.says("What is going on?") == "All is well."
        [turn] = talk.turns
    assert (turn.channel, turn.session_id, turn.person_id) == ("phone", MAIN, "ada")
    assert turn.external_id == "CA1:u1"


async def test_an_answer_that_was_cut_off_is_on_record_as_far_as_it_was_heard() -> None:
    async with talking(Talk()) as talk:
        await talk.handler.greeting(talk.hand)
        await talk.says("What is going on?")
        spoken = Spoken(SpokenKind.ANSWER, "All is", interrupted=True, utterance_id="u1")
        await talk.handler.heard(spoken)
        await talk.handler.written()
        records = (await talk.ops.list_turns("main")).items
        [turn] = talk.turns
    [heard] = [one for one in records if one.role == "heard"]
    assert (heard.text, heard.reply_to) == ("All is", turn.id)


@pytest.mark.parametrize(
    ("words", "answer", "interrupted", "ends"),
    [
        ("Thank you, goodbye.", "Until later.", False, True),
        ("Thank you, goodbye.", "Until", True, False),
        ("Thank you, goodbye.", "Shall I cancel the other one, too?", False, False),
        ("Thank you.", "Until later.", False, False),
    ],
)
async def test_who_says_goodbye_and_hears_ours_is_let_go(
    words: str, answer: str, interrupted: bool, ends: bool
) -> None:
    async with talking(Talk()) as talk:
        await talk.handler.greeting(talk.hand)
        await talk.says(words)
        await talk.handler.heard(Spoken(SpokenKind.ANSWER, answer, interrupted, utterance_id="u1"))
    assert talk.hand.hung_up is ends


@pytest.mark.parametrize(
    ("answer", "interrupted", "ends"),
    [("Until later.", False, True), ("Until", True, False), ("Anything else?", False, False)],
)
async def test_whom_the_chief_takes_leave_of_is_let_go_unless_they_have_something_to_say(
    answer: str, interrupted: bool, ends: bool
) -> None:
    async with talking(Talk()) as talk:
        talk.parts = True
        await talk.handler.greeting(talk.hand)
        await talk.says("I am off to the airport now.")
        await talk.handler.heard(Spoken(SpokenKind.ANSWER, answer, interrupted, utterance_id="u1"))
    assert talk.hand.hung_up is ends


async def test_what_half_a_sentence_created_is_taken_back_when_the_other_half_comes() -> None:
    async with talking(Talk()) as talk:
        await talk.handler.greeting(talk.hand)
        await talk.says("Create a task", name="u1")
        await talk.says("Create a task to book a table", name="u2", replaces="u1")
        tasks = (await talk.ops.list_tasks()).items
    states = {task.title: task.status for task in tasks}
    assert states == {
        "Create a task": TaskStatus.CANCELLED,
        "Create a task to book a table": TaskStatus.PENDING,
    }
    assert talk.handler.exchanges.asked == ["Create a task to book a table"]


async def test_who_is_let_in_is_listened_to_for_what_the_ledger_and_the_answers_name() -> None:
    async with talking(Talk()) as talk:
        await talk.ops.create_task(NewTask(title="Call Mrs. Hawkins"))
        talk.words = "Nothing about Colsky, but Lindqvist called."
        await talk.handler.greeting(talk.hand)
        await eventually(lambda: talk.hand.hints == ["Call Mrs. Hawkins"])
        await talk.says("Is there anything about Colsky?")
        assert talk.hand.hints == ["Lindqvist", "Call Mrs. Hawkins"]
        talk.hand.hints = []
        await talk.says("And now?", name="u2")
        assert talk.hand.hints == [], "there was nothing new"


@pytest.mark.parametrize("trust", [Trust.CLAIMED, Trust.STRANGER])
async def test_who_is_not_let_in_yet_is_listened_to_for_nothing(trust: Trust) -> None:
    async with talking(Talk(trust)) as talk:
        await talk.ops.create_task(NewTask(title="Call Mrs. Hawkins"))
        await talk.handler.greeting(talk.hand)
        await talk.says("Hello? Mrs. Hawkins?")
        await talk.says("What is going on?", name="u2")
        assert talk.hand.hints == []


async def test_stop_goes_past_the_work_that_runs_and_is_a_word_like_others_otherwise() -> None:
    async with talking(Talk()) as talk:
        await talk.handler.greeting(talk.hand)
        await talk.says("Stop.", name="u0")
        talk.slow = asyncio.Event()
        working = asyncio.create_task(talk.says("Think long.", name="u1"))
        await eventually(lambda: len(talk.turns) == 2)
        assert "stopped" in (await talk.says("Never mind!", name="u2")).lower()
        await working
    assert [turn.text for turn in talk.turns] == ["Stop.", "Think long."]


@pytest.mark.parametrize(
    ("trust", "said"),
    [(Trust.CONFIRMED, ["Task 3 is done."]), (Trust.CLAIMED, []), (Trust.STRANGER, [])],
)
async def test_news_is_spoken_to_who_is_let_in_and_to_nobody_else(trust: Trust, said: list[str]) -> None:
    async with talking(Talk(trust)) as talk:
        await talk.handler.greeting(talk.hand)
        for name in ("n1", "n2"):  # once the second was taken, the first has been dealt with
            notice = Notice(id=name, session_id=MAIN, kind="task.done", text="Task 3 is done.", at=MONDAY)
            await talk.stream.notify(notice)
            await eventually(lambda: not talk.handler.ear.notices.qsize())
        await eventually(lambda: talk.hand.said[:1] == said)


async def test_whom_we_rang_hears_why_after_the_first_word() -> None:
    async with talking(Talk(Trust.CONFIRMED, "Task 3 waits.")) as talk:
        await talk.handler.greeting(talk.hand)
        assert await talk.says("Hello?") == "Task 3 waits."
        assert await talk.says("What is going on?", name="u2") == "All is well."
    assert len(talk.turns) == 1


async def test_a_strangers_words_are_noted_and_reach_nobody() -> None:
    async with talking(Talk(Trust.STRANGER)) as talk:
        await talk.handler.greeting(talk.hand)
        for number in range(12):
            await talk.says(f"Create task {number}", name=f"u{number}")
    assert len(talk.handler.message) == 12
    assert talk.hand.hung_up
    assert talk.turns == []


async def test_what_is_said_while_the_store_is_away_is_kept_in_order_and_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.phone.conversation.APPEND_PATIENCE_S", 0.01)
    async with talking(Talk()) as talk:
        await talk.handler.greeting(talk.hand)
        talk.stream.here.clear()
        first = talk.handler.answer(an_utterance("Write to Bob.", "u1"))
        assert await anext(first) == wording.STORE_AWAY
        await first.aclose()  # type: ignore[attr-defined]  # the caller speaks over it
        second = asyncio.create_task(talk.says("And to Eve.", name="u2"))
        await eventually(lambda: talk.handler.exchanges.of("u2"))
        talk.stream.here.set()
        assert (await second).endswith("All is well.")
    assert [turn.text for turn in talk.turns] == ["Write to Bob.", "And to Eve."]


async def test_a_caller_who_hangs_up_while_the_store_is_away_is_not_forgotten() -> None:
    async with talking(Talk()) as talk:
        await talk.handler.greeting(talk.hand)
        talk.stream.here.clear()
        asking = asyncio.create_task(talk.says("Write to Bob."))
        await eventually(lambda: talk.handler.exchanges.of("u1"))
        asking.cancel()
        settling = asyncio.create_task(talk.handler.intake.settle(5))
        talk.stream.here.set()
        assert await settling
        await eventually(lambda: talk.turns)
        talk.stream.here.clear()
        talk.handler.intake.take(talk.turns[0], behind=talk.handler.written)
        assert not await talk.handler.intake.settle(0.01)


async def test_who_waits_in_vain_is_told_so_and_hears_the_answer_when_it_comes() -> None:
    async with talking(Talk(answer_patience_s=0.05)) as talk:
        await talk.handler.greeting(talk.hand)
        talk.slow = asyncio.Event()
        assert await talk.says("Write to Bob.") == wording.NO_ANSWER_YET
        await talk.handler.heard(Spoken(SpokenKind.ANSWER, wording.NO_ANSWER_YET, False, "u1"))
        [unheard] = talk.handler.exchanges.unheard
        assert "no answer yet" in receipt(talk)
        talk.slow.set()
        await eventually(lambda: talk.hand.said)
    assert talk.hand.said == ["You asked me before: Write to Bob. All is well."]
    assert (unheard.turn.text, talk.handler.exchanges.unheard) == ("Write to Bob.", [])


async def test_a_receipt_holds_the_answer_that_the_call_ended_under() -> None:
    async with talking(Talk()) as talk:
        await talk.handler.greeting(talk.hand)
        await talk.says("What is going on?", name="u1")
        await talk.handler.heard(Spoken(SpokenKind.ANSWER, "All is well.", False, "u1"))
        assert "did not hear" not in receipt(talk)
        await talk.says("And now?", name="u2")
        await talk.handler.heard(Spoken(SpokenKind.ANSWER, "", True, "u2"))
        assert "You did not hear to its end what I answered to “And now?”: “All is well.”" in receipt(talk)


def an_utterance(text: str, name: str) -> Utterance:
    return Utterance(id=name, kind=UtteranceKind.SPEECH, text=text, at=MONDAY)


def receipt(talk: Talk) -> str:
    return text_of(61, talk.handler, [])
