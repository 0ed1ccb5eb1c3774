"""Speech by a vendor, and what the caller hears of it when the vendor fails in the middle of a call."""

import dataclasses
import threading
from collections.abc import Awaitable, Callable

from pydantic import SecretStr

from tests.integration.voice.conftest import Ring, Scripted
from tests.integration.voice.vendors import bought, streaming, vendor
from voice.call import CallOptions
from voice.errors import EngineFailed
from voice.scoring import word_errors
from voice.settings import VoiceSettings
from voice.sound import Samples
from voice.speech import Speech

Caller = Callable[[str], Awaitable[Samples]]
FIRST = "This is the first answer to your question."
PATIENT = CallOptions(vendor_s=10)
SECOND = "And this is the second one. It comes all the same."


async def test_a_vendors_voice_is_heard_and_the_local_one_speaks_when_it_fails(
    ring: Ring, speech: Speech
) -> None:
    async with vendor(speech) as served, bought(speech, served, tts=True) as engines:
        call = ring(Scripted(answers=[FIRST, SECOND]), engines=engines, options=PATIENT)
        call.line.press("1#")
        assert (await call.told()).text == FIRST
        assert served.spoken >= 1
        served.failing = True
        before = call.line.last_sound() or 0
        call.line.press("2#")
        told = await call.told(2)
        assert (told.text, told.interrupted) == (SECOND, False)
        assert word_errors(SECOND, await call.words_heard(before))[0] <= 2
        assert call.observer.failed == ["tts:openai"]
        assert (await call.hang_up()).fallbacks == ("tts:openai",)


async def test_calls_share_their_connections_to_a_vendor(ring: Ring, speech: Speech) -> None:
    async with vendor(speech) as served, bought(speech, served, tts=True) as engines:
        for _ in range(2):
            call = ring(Scripted(answers=[FIRST]), engines=engines, options=PATIENT)
            call.line.press("1#")
            assert (await call.told()).text == FIRST
            await call.hang_up()
    assert served.spoken == 2
    assert len(served.callers) == 1


async def test_what_a_failing_vendor_did_not_hear_is_heard_by_the_local_engine(
    ring: Ring, speech: Speech, caller_says: Caller
) -> None:
    async with vendor(speech) as served, bought(speech, served, stt=True) as engines:
        served.hears = "These are the vendor's words."
        call = ring(Scripted(answers=["One.", "Two."]), engines=engines, options=PATIENT)
        await call.say(await caller_says("Please call the plumber tomorrow."))
        await call.told()
        assert call.handler.utterances[0].text == served.hears
        served.failing = True
        await call.say(await caller_says("Please write to the bank on Monday."))
        await call.told(2)
        assert word_errors("Please write to the bank on Monday.", call.handler.utterances[1].text)[0] <= 1


async def test_what_a_vendor_hears_in_segments_of_its_own_is_taken_to_the_last_word(
    ring: Ring, speech: Speech, caller_says: Caller
) -> None:
    async with streaming("Please call the", "plumber tomorrow.") as url:
        settings = VoiceSettings(
            _env_file=None,  # type: ignore[call-arg]
            stt="cartesia",
            stt_api_key=SecretStr("simulated"),
            stt_url=url,
        )
        engines = dataclasses.replace(speech, settings=settings)
        call = ring(Scripted(answers=["I will."]), engines=engines, options=PATIENT)
        await call.say(await caller_says("Please call the plumber tomorrow."))
        await call.told()
        assert call.handler.utterances[-1].text == "Please call the plumber tomorrow."
        assert not call.observer.failed


async def test_where_no_engine_can_hear_the_caller_is_told_so(
    ring: Ring, speech: Speech, caller_says: Caller
) -> None:
    assert speech.ears
    ears = speech.ears

    class Broken:
        pool = ears.pool

        def transcribe(self, _: Samples, given_up: threading.Event, hints: tuple[str, ...]) -> str:
            raise EngineFailed("moonshine: broken")

    deaf = dataclasses.replace(speech, ears=Broken())  # type: ignore[arg-type]
    call = ring(Scripted(answers=["Never."]), engines=deaf)
    await call.say(await caller_says("Please call the plumber tomorrow."))
    await call.line.silence(0.5)
    assert "make out what you said" in (await call.words_heard(0)).lower()
    assert not call.handler.utterances
