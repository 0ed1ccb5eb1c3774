"""A call from end to end: real engines, real sound over the telephone's band, in real time."""

import asyncio
import dataclasses
import threading
from collections.abc import Awaitable, Callable

from tests.integration.voice.conftest import Ring, Scripted
from voice.call import CallOptions
from voice.port import Encoding, EndedBy, SpokenKind, UtteranceKind
from voice.scoring import word_errors
from voice.sound import Samples
from voice.speech import Speech
from voice.testing import FakeLine

Caller = Callable[[str], Awaitable[Samples]]
LONG = (
    "Here is the list of everything that is open today. First comes the letter to the bank. "
    "Second comes the new printer for the office."
)


async def test_what_is_said_is_understood_and_the_answer_is_heard(ring: Ring, caller_says: Caller) -> None:
    reply = "I have created the task. It is due tomorrow morning."
    call = ring(Scripted(answers=[reply], greets="Good morning. How can I help?"))
    greeting = await call.told()
    assert greeting.kind is SpokenKind.GREETING
    assert word_errors(greeting.text, await call.words_heard(0))[0] <= 1

    ended = await call.say(await caller_says("Please call the plumber tomorrow morning."))
    answer = await call.told(2)
    (utterance,) = call.handler.utterances
    assert word_errors("please call the plumber tomorrow morning", utterance.text)[0] <= 1
    assert (answer.kind, answer.text, answer.interrupted) == (SpokenKind.ANSWER, reply, False)
    assert answer.utterance_id == utterance.id
    assert word_errors(reply, await call.words_heard(ended - 0.1))[0] <= 3
    assert len(call.observer.turns) == 1

    record = await call.hang_up()
    assert (record.ended_by, record.turns, record.interruptions) == (EndedBy.CALLER, 1, 0)
    assert call.handler.records == [record]


async def test_what_the_handler_expects_is_listened_for(ring: Ring, caller_says: Caller) -> None:
    call = ring(Scripted(answers=["It is on the list."], greets="Hello."))
    await call.told()
    assert call.handler.call
    call.handler.call.listen_for(["Gupta interview"])
    await call.say(await caller_says("What do you know about Gupta and the invoice?"))
    await call.told(2)
    assert "Gupta" in call.handler.utterances[0].text


async def test_what_ended_has_no_comma_at_its_end(ring: Ring, caller_says: Caller, speech: Speech) -> None:
    assert speech.ears
    ears = speech.ears

    class Early:
        """Hears as the engine does that knows a tenth of a second of the silence."""

        pool = ears.pool

        def transcribe(self, _: Samples, given_up: threading.Event, hints: tuple[str, ...]) -> str:
            return "Well, call the plumber,"

    early = dataclasses.replace(speech, ears=Early())  # type: ignore[arg-type]
    call = ring(Scripted(answers=["It is on the list."]), engines=early)
    await call.say(await caller_says("Well, call the plumber."))
    await call.told()
    assert [one.text for one in call.handler.utterances] == ["Well, call the plumber."]


async def test_speaking_over_the_voice_silences_it_and_only_what_was_heard_is_told(
    ring: Ring, caller_says: Caller
) -> None:
    call = ring(Scripted(answers=[LONG, "All right."]))
    await call.say(await caller_says("What is on my list today?"))
    began = await call.line.sound(0)
    await asyncio.sleep(3)
    await call.say(await caller_says("Stop that and create a new task instead."))

    cut = await call.told(1)
    assert cut.interrupted
    assert cut.kind is SpokenKind.ANSWER
    assert LONG.startswith(cut.text)
    assert 20 < len(cut.text) < len(LONG)
    assert call.handler.closed <= 1
    (cleared_after_s,) = call.observer.cleared_after_s
    assert cleared_after_s < 2.5
    cleared = call.line.clears[0]
    assert began < cleared
    last = await call.told(2)
    assert (last.text, last.interrupted) == ("All right.", False)
    assert (call.line.first_sound(cleared) or 0) > cleared + 1, "nothing is heard until the next answer"
    assert "task" in call.handler.utterances[1].text.lower()


async def test_a_nod_makes_the_voice_pause_and_go_on(ring: Ring, caller_says: Caller) -> None:
    call = ring(Scripted(answers=[LONG]))
    await call.say(await caller_says("What is on my list today?"))
    await call.line.sound(0)
    await asyncio.sleep(2)
    await call.say(await caller_says("Okay, okay."))
    told = await call.told()
    assert (told.text, told.interrupted) == (LONG, False)
    assert len(call.handler.utterances) == 1


async def test_who_goes_on_before_the_answer_is_heard_has_said_one_thing(
    ring: Ring, caller_says: Caller
) -> None:
    call = ring(Scripted(answers=["Never heard.", "Both are on the list."], thinks_s=2))
    await call.say(await caller_says("Please call the plumber."))
    while not call.handler.utterances:  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    await call.say(await caller_says("And the electrician."))
    assert (await call.told(2)).text == "Both are on the list."
    first, second = call.handler.utterances
    assert second.replaces == first.id
    assert word_errors("please call the plumber and the electrician", second.text)[0] <= 1
    unheard = call.handler.spoken[0]
    assert (unheard.text, unheard.interrupted, unheard.utterance_id) == ("", True, first.id)


async def test_a_browsers_line_of_better_sound_serves_as_well(ring: Ring, caller_says: Caller) -> None:
    line = FakeLine(encoding=Encoding.PCM16, sample_rate_hz=16_000)
    call = ring(Scripted(answers=["I wrote it down."]), line=line)
    await call.say(await caller_says("Please water the flowers on Sunday."))
    assert (await call.told()).text == "I wrote it down."
    assert word_errors("please water the flowers on sunday", call.handler.utterances[0].text)[0] <= 1
    assert word_errors("I wrote it down.", await call.words_heard(0))[0] <= 1


async def test_keys_come_as_one_entry_and_interrupt(ring: Ring) -> None:
    call = ring(Scripted(answers=["Thank you."], greets=LONG))
    await call.line.sound(0)
    await asyncio.sleep(1.5)
    call.line.press("12*4711#")
    greeting = await call.told()
    assert greeting.interrupted
    assert (await call.told(2)).text == "Thank you."
    (utterance,) = call.handler.utterances
    assert (utterance.kind, utterance.text) == (UtteranceKind.KEYS, "4711")


async def test_a_late_answer_is_bridged_by_an_honest_word_that_is_no_part_of_it(ring: Ring) -> None:
    options = CallOptions(moment_after_s=0.2, still_working_after_s=1.5)
    call = ring(Scripted(answers=["It is done."], thinks_s=3.5), options=options)
    call.line.press("1#")
    assert (await call.told()).text == "It is done."
    heard = (await call.words_heard(0)).lower()
    assert "one moment" in heard
    assert "still working" in heard


async def test_a_handler_that_fails_is_apologised_for_and_the_call_goes_on(ring: Ring) -> None:
    call = ring(Scripted(answers=[RuntimeError("broken"), "Here I am again."]))
    call.line.press("1#")
    await call.line.silence(1)
    assert "something went wrong" in (await call.words_heard(0)).lower()
    call.line.press("2#")
    async with asyncio.timeout(20):
        while not any(one.text == "Here I am again." for one in call.handler.spoken):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_a_silent_caller_is_asked_and_then_let_go(ring: Ring) -> None:
    call = ring(Scripted(greets="Hello."), options=CallOptions(silence_s=0.3, prompts_before_hang_up=1))
    async with asyncio.timeout(30):
        record = await call.task
    assert record.ended_by is EndedBy.SILENCE
    assert call.line.hung_up_at is not None
    heard = (await call.words_heard(0)).lower()
    assert "still there" in heard
    assert "hang up now" in heard


async def test_a_farewell_is_heard_to_its_end_before_the_line_goes(ring: Ring) -> None:
    call = ring(Scripted(answers=["Everything is settled."], greets="Hello."))
    await call.told()
    assert call.handler.call
    await call.handler.call.hang_up("See you tomorrow, and have a nice day.")
    async with asyncio.timeout(20):
        record = await call.task
    assert record.ended_by is EndedBy.HANDLER
    assert call.handler.spoken[-1].kind is SpokenKind.FAREWELL
    assert word_errors("Hello. See you tomorrow, and have a nice day.", await call.words_heard(0))[0] <= 1


async def test_a_notice_is_said_when_nobody_speaks(ring: Ring) -> None:
    call = ring(Scripted(greets="Hello, this is a rather long greeting to you."))
    await call.line.sound(0)
    assert call.handler.call
    await call.handler.call.say("Your report is ready.")
    assert (await call.told(1)).kind is SpokenKind.GREETING
    notice = await call.told(2)
    assert (notice.kind, notice.text, notice.interrupted) == (
        SpokenKind.NOTICE,
        "Your report is ready.",
        False,
    )


async def test_a_line_that_loses_its_marks_is_still_told_what_was_heard(ring: Ring) -> None:
    call = ring(Scripted(greets="Hello."), line=FakeLine(loses_marks=True))
    assert (await call.told()).text == "Hello."


async def test_a_call_has_a_longest_time(ring: Ring) -> None:
    call = ring(Scripted(), options=CallOptions(longest_s=0.5))
    async with asyncio.timeout(30):
        record = await call.task
    assert record.ended_by is EndedBy.TIME_LIMIT
    assert "end this call" in (await call.words_heard(0)).lower()
