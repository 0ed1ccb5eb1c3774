"""A call is recorded after a plain yes to a question that was heard, and after nothing else."""

import asyncio
from uuid import uuid4

import pytest
from pydantic import SecretStr

from agentops.testing import FakeLedger
from gateway.phone import wording
from gateway.phone.consent import Consent
from gateway.phone.conversation import Conversation
from gateway.phone.gatekeeper import Gatekeeper
from gateway.phone.parties import Party, Trust
from gateway.phone.pins import hash_of
from gateway.phone.recording_wishes import Wish, answer_of, wish_of
from gateway.phone.watching import Unwatched
from gateway.session.memory import MemorySessionStream
from gateway.session.memos import MemoryMemos
from tests.unit.gateway_phone.test_conversation import MAIN, MONDAY, Hand, an_utterance
from voice.port import Spoken, SpokenKind, Utterance, UtteranceKind


class Tape:
    """Remembers what was asked of it."""

    def __init__(self) -> None:
        self.running = False
        self.broken = False
        self.done: list[str] = []

    def begin(self) -> None:
        self.running = True
        self.done.append("begin")

    def stop(self) -> None:
        self.running = False
        self.done.append("stop")

    def erase(self) -> None:
        self.running = False
        self.done.append("erase")


def keys(text: str) -> Utterance:
    return Utterance("k1", UtteranceKind.KEYS, text, MONDAY)


class Talk:
    """A call that may be recorded."""

    def __init__(
        self,
        trust: Trust = Trust.CONFIRMED,
        message: str = "",
        *,
        leg: int = 1,
        memos: MemoryMemos | None = None,
    ) -> None:
        self.tape = Tape()
        self.ops = FakeLedger().client()
        self.memos = memos or MemoryMemos()
        party = Party(
            session_id=MAIN, channel="phone", address="+493012345678", trust=trust, person_id="ada",
            name="Ada", message=message, leg=leg,
        )  # fmt: skip
        call_id = "CA1" if leg == 1 else f"CA1-{leg}"
        self.handler = Conversation(
            MemorySessionStream(),
            self.ops,
            party,
            Gatekeeper(party, SecretStr(hash_of("2580")), self.memos, call_id),
            call_id=call_id,
            watcher=Unwatched(),
            clock=lambda: MONDAY,
            consent=Consent(self.tape, self.ops, party, self.memos, call_id),
            answer_patience_s=0.01,
        )

    async def begins(self) -> str:
        """The call, up to the end of its greeting."""
        greeting = await self.handler.greeting(Hand())
        await self.handler.heard(Spoken(SpokenKind.GREETING, greeting, interrupted=False))
        return greeting

    async def says(self, text: str | Utterance) -> str:
        """An answer, heard to its end."""
        utterance = an_utterance(text, uuid4().hex) if isinstance(text, str) else text
        async with asyncio.timeout(5):
            words = "".join([piece async for piece in self.handler.answer(utterance)])
        await self.handler.heard(Spoken(SpokenKind.ANSWER, words, interrupted=False))
        return words


async def test_a_call_opens_with_the_question_and_a_yes_begins_the_recording() -> None:
    talk = Talk()
    greeting = await talk.begins()
    assert greeting.endswith(wording.MAY_I_RECORD)
    assert talk.tape.done == []
    assert await talk.says("Yes, please.") == f"{wording.RECORDING} {wording.WHAT_FOR}"
    assert talk.tape.running
    await talk.handler.written()
    said = [(turn.role, turn.text) for turn in (await talk.ops.list_turns("main")).items]
    assert said[0] == ("person", "Yes, please.")
    assert said[1][1].startswith(wording.RECORDING)


@pytest.mark.parametrize("words", ["No.", "No, thank you.", keys("2")])
async def test_after_a_no_the_call_goes_on_without_a_recording(words: str | Utterance) -> None:
    talk = Talk()
    await talk.begins()
    assert await talk.says(words) == f"{wording.NOT_RECORDING} {wording.WHAT_FOR}"
    assert talk.tape.done == []


async def test_words_about_anything_else_are_no_yes_and_are_answered() -> None:
    talk = Talk()
    await talk.begins()
    assert wording.NO_ANSWER_YET in await talk.says("Create a task to say yes to Bob.")
    assert await talk.says("Yes.") != wording.RECORDING
    assert talk.tape.done == []


async def test_a_yes_to_a_question_that_was_not_heard_is_asked_for_again() -> None:
    talk = Talk()
    await talk.handler.greeting(Hand())
    await talk.handler.heard(Spoken(SpokenKind.GREETING, "Good morning, Ada.", interrupted=True))
    assert await talk.says("Yes.") == wording.MAY_I_RECORD
    assert talk.tape.done == []
    assert wording.RECORDING in await talk.says(keys("1"))
    assert talk.tape.running


async def test_a_yes_right_after_the_question_need_not_hear_how_to_say_it() -> None:
    talk = Talk()
    await talk.handler.greeting(Hand())
    heard = f"Good morning, Ada. {wording.MAY_I} Say"
    await talk.handler.heard(Spoken(SpokenKind.GREETING, heard, interrupted=True))
    assert wording.RECORDING in await talk.says("Yes.")
    assert talk.tape.running


async def test_a_yes_to_something_that_was_said_in_between_is_not_taken_for_one() -> None:
    talk = Talk()
    await talk.begins()
    await talk.handler.heard(
        Spoken(SpokenKind.NOTICE, "Task 3 needs you: shall I book it?", interrupted=False)
    )
    assert await talk.says("Yes.") == wording.MAY_I_RECORD
    assert talk.tape.done == []


async def test_nothing_is_asked_or_recorded_before_the_pin() -> None:
    talk = Talk(Trust.CLAIMED)
    assert wording.MAY_I_RECORD not in await talk.begins()
    assert await talk.says("Yes.") == wording.PIN_FIRST
    assert await talk.says("Record this call.") == wording.PIN_FIRST
    assert talk.tape.done == []
    assert wording.MAY_I_RECORD in await talk.says(keys("2580"))
    assert talk.tape.done == []
    await talk.says("Yes.")
    assert talk.tape.running


@pytest.mark.parametrize(("trust", "first"), [(Trust.CONFIRMED, "Hello?"), (Trust.CLAIMED, keys("2580"))])
async def test_whom_we_rang_hears_why_after_the_question_whatever_they_say_to_it(
    trust: Trust, first: str | Utterance
) -> None:
    talk = Talk(trust, "Task 3 is done.")
    await talk.begins()
    if trust is Trust.CLAIMED:
        assert "Task 3" not in await talk.says(first)
        first = "Hello?"
    assert await talk.says(first) == f"{wording.NOT_RECORDING} Task 3 is done."
    assert talk.tape.done == []


async def test_a_recording_ends_at_any_word_of_it_and_is_erased_when_that_is_wanted() -> None:
    talk = Talk()
    await talk.begins()
    await talk.says("Yes.")
    assert await talk.says("Are you recording this?") == wording.IS_RECORDED
    assert await talk.says("Stop recording, please.") == wording.RECORDING_STOPPED
    assert not talk.tape.running
    assert await talk.says("Is this call being recorded?") == wording.NOT_RECORDED
    assert await talk.says("Delete the recording.") == wording.RECORDING_ERASED
    assert "erase" in talk.tape.done
    assert await talk.says("Record this call.") == wording.RECORDING
    assert talk.tape.running


async def test_what_was_allowed_before_the_line_broke_still_is_unless_it_was_taken_back() -> None:
    first = Talk()
    await first.begins()
    await first.says("Yes.")
    await first.handler.written()
    second = Talk(leg=2, memos=first.memos)
    assert wording.RECORDING_GOES_ON in await second.begins()
    assert second.tape.running
    await second.says("Stop recording.")
    await second.handler.written()
    third = Talk(leg=3, memos=first.memos)
    assert "record" not in (await third.begins()).lower()
    assert third.tape.done == []


@pytest.mark.parametrize(
    ("words", "yes"),
    [
        ("Yes.", True), ("yeah sure", True), ("Okay, that's fine.", True), ("You may.", True),
        ("Go ahead, please.", True), ("That's all right with me.", True), ("No problem.", True),
        ("No.", False), ("I'd rather not.", False), ("No, please don't.", False), ("You may not.", False),
        ("Is that okay?", None), ("Yes?", None), ("Yes, but not now.", None), ("Yes or no", None),
        ("I guess you will do it anyway.", None), ("Yesterday.", None), ("Sure, help me with a task", None),
        ("", None),
    ],
)  # fmt: skip
def test_only_plain_words_are_a_yes_or_a_no(words: str, yes: bool | None) -> None:
    assert answer_of(an_utterance(words, "u1")) is yes


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ("Stop recording.", Wish.STOP), ("please stop the recording now", Wish.STOP),
        ("Don't record this call.", Wish.STOP), ("I don't want to be recorded.", Wish.STOP),
        ("Erase the recording.", Wish.ERASE), ("Start recording.", Wish.BEGIN),
        ("Record this conversation, please.", Wish.BEGIN), ("Is this being recorded?", Wish.ASKS),
        ("Stop recording the cello lessons on Friday.", None), ("Record the minutes.", None),
        ("Create a task to stop recording.", None),
    ],
)  # fmt: skip
def test_what_is_wanted_of_a_recording(words: str, wish: Wish | None) -> None:
    assert wish_of(an_utterance(words, "u1")) is wish
