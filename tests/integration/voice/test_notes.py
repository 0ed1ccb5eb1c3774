"""Voice messages there and back again, through the codec that Telegram uses."""

import io
import wave

import numpy as np
import pytest

from voice.errors import AudioTooLong, AudioUnreadable
from voice.notes import MAX_BYTES, speak, transcribe
from voice.scoring import word_errors
from voice.speech import Speech

TEXT = "Please **remind** me on Monday to call the bank. And water the plants!"
SAID = "Please remind me on Monday to call the bank. And water the plants!"


async def test_a_spoken_text_is_an_opus_recording_that_is_understood_again(speech: Speech) -> None:
    recording = await speak(TEXT, speech)
    assert recording[:4] == b"OggS"
    assert b"OpusHead" in recording[:100]
    found = await transcribe(recording, speech)
    assert word_errors(SAID, found.text)[0] <= 1
    assert 2 < found.duration_s < 8
    assert len(recording) < 8_000 * found.duration_s


async def test_a_long_recording_is_understood_in_parts(speech: Speech) -> None:
    text = "The first thing is the letter. Then comes the printer. After that we go to dinner. " * 4
    found = await transcribe(await speak(text, speech), speech)
    wrong, words = word_errors(text, found.text)
    assert found.duration_s > 15
    assert wrong / words < 0.1


async def test_silence_has_no_words(speech: Speech) -> None:
    assert (await transcribe(silent_wave(3), speech)).text == ""


@pytest.mark.parametrize("rubbish", [b"", b"hello", b"OggS" + bytes(200), bytes(5_000)])
async def test_what_is_no_recording_is_refused_in_words_for_its_sender(
    speech: Speech, rubbish: bytes
) -> None:
    with pytest.raises(AudioUnreadable, match="voice message"):
        await transcribe(rubbish, speech)


async def test_too_much_to_hear_or_to_say_is_refused(speech: Speech) -> None:
    with pytest.raises(AudioTooLong, match="20 MB"):
        await transcribe(bytes(MAX_BYTES + 1), speech)
    with pytest.raises(AudioTooLong, match="10 minutes"):
        await transcribe(silent_wave(601, 8_000), speech)
    with pytest.raises(AudioTooLong, match="4,000"):
        await speak("word " * 1_000, speech)
    with pytest.raises(AudioTooLong, match="nothing"):
        await speak("---", speech)


def silent_wave(seconds: int, rate_hz: int = 16_000) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(np.zeros(seconds * rate_hz, dtype="<i2").tobytes())
    return target.getvalue()
