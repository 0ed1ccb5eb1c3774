"""A call that is recorded because its caller said yes, over a real gateway and ledger."""

import io

import av
import numpy as np
import pytest

from agentops import AgentOpsClient
from agentops.wire import Person, TurnRecord
from tests.integration.gateway_phone.conftest import (
    PIN,
    Sound,
    StartGateway,
    calling,
    said_in,
    stretches,
    understood,
    words,
)
from tests.waiting import eventually
from voice.port import Encoding
from voice.sound import from_pcm16, to_bytes
from voice.speech import Speech


def sides(recording: bytes) -> tuple[Sound, Sound]:
    """The caller's and the voice's, at 8 kHz."""
    with av.open(io.BytesIO(recording), "r") as container:
        resampler = av.AudioResampler(format="s16p", layout="stereo", rate=8_000)
        parts = [one.to_ndarray() for frame in container.decode(audio=0) for one in resampler.resample(frame)]
    left, right = np.concatenate(parts, axis=1)
    return left, right


async def test_a_key_allows_the_recording_and_both_sides_are_on_it(
    start_gateway: StartGateway, ada: Person, ops: AgentOpsClient
) -> None:
    note = np.sin(2 * np.pi * 440 * np.arange(8_000) / 8_000) * 0.5
    async with start_gateway(recording="ask") as network:
        async with calling(network) as far:
            allowed_s = far.timeline.now_s
            await far.press("1#")
            await far.until_it_spoke(after_s=allowed_s)
            await far.say(from_pcm16(to_bytes(note), Encoding.MULAW))
        [receipt] = await eventually(lambda: receipts_in(ops), timeout_s=30)
    [recording] = receipt.attachments
    caller, voice = sides(await ops.download(recording.id))
    assert len(stretches(voice)) >= 1
    spectrum = np.abs(np.fft.rfft(caller[-9_600:]))
    assert np.argmax(spectrum) / len(caller[-9_600:]) * 8_000 == pytest.approx(440, abs=10)


@pytest.mark.long
async def test_what_was_allowed_is_recorded_from_the_yes_on_and_lies_with_the_receipt(
    start_gateway: StartGateway, ada: Person, ops: AgentOpsClient, speech: Speech, pin_hash: str
) -> None:
    settings = {
        "recording": "ask",
        "pin_hash": pin_hash,
        "pin_when": "always",
        "panel_url": "https://panel.example",
    }
    async with start_gateway(**settings) as network:
        async with calling(network) as far:
            typed_s = far.timeline.now_s
            await far.press(f"{PIN}#")
            await far.until_it_spoke(after_s=typed_s)
            allowed_s = await far.say(await words(speech, "Yes, please."))
            await far.until_it_spoke(after_s=allowed_s)
            stopped_s = await far.say(await words(speech, "Stop recording."))
            await far.until_it_spoke(after_s=stopped_s)
            await far.say(await words(speech, "The secret number is seven."))
            heard = await understood(speech, far.timeline.sound())
        [receipt] = await eventually(lambda: receipts_in(ops), timeout_s=30)
    [recording] = receipt.attachments
    caller, voice = sides(await ops.download(recording.id))
    assert "record this call" in heard.lower()
    spoken, answered = (await understood(speech, caller)).lower(), (await understood(speech, voice)).lower()
    assert "stop recording" in spoken
    assert "yes" not in spoken
    assert "secret" not in spoken
    assert "recording now" in answered
    assert "pin" not in answered
    assert recording.media_type == "audio/ogg"
    assert "You allowed me to record it" in receipt.text
    assert any("Yes" in text for text in await said_in(ops, "person"))


async def receipts_in(ops: AgentOpsClient) -> list[TurnRecord]:
    """The call's receipt, once it is on record."""
    turns = (await ops.list_turns("main")).items
    return [one for one in turns if one.role == "notice" and "Our call" in one.text]
