"""The local recogniser: the words of what the local voice says, on any thread; and what is hardly sound."""

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from tests.integration.voice.conftest import CALLER_HZ
from voice.engines import moonshine
from voice.engines.moonshine import Moonshine
from voice.errors import EngineFailed, SpeechUnavailable
from voice.scoring import word_errors
from voice.sound import Samples
from voice.speech import Speech

SENTENCES = (
    "Please call the plumber tomorrow morning.",
    "Write a letter to the landlord about the broken heating.",
    "I would like a short summary of the contract.",
    "Who should I call about the insurance?",
)


async def test_threads_share_the_model_and_do_not_mix_what_they_hear(
    speech: Speech, caller_says: Callable[[str], Awaitable[Samples]]
) -> None:
    sounds = [await caller_says(sentence) for sentence in SENTENCES] * 3
    together = await asyncio.gather(*(speech.transcribe(sound, CALLER_HZ) for sound in sounds))
    alone = [await speech.transcribe(sound, CALLER_HZ) for sound in sounds]
    assert together == alone
    wrong, said = (
        sum(column)
        for column in zip(
            *(word_errors(*pair) for pair in zip(SENTENCES * 3, together, strict=True)), strict=True
        )
    )
    assert wrong / said <= 0.1, together


@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.1, 20.0])
async def test_silence_of_any_length_is_no_error(speech: Speech, seconds: float) -> None:
    silence = np.zeros(int(seconds * CALLER_HZ), dtype=np.float32)
    assert len(await speech.transcribe(silence, CALLER_HZ)) < 20


async def test_what_the_model_cannot_take_is_an_error_of_ours(speech: Speech) -> None:
    assert speech.ears
    with pytest.raises(EngineFailed, match="moonshine"):
        speech.ears.transcribe(np.zeros((2, CALLER_HZ), dtype=np.float32))


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moonshine, "find_spec", lambda _: None)
    with pytest.raises(SpeechUnavailable, match=r"pip install moonshine-voice.*VOICE_STT"):
        Moonshine()
