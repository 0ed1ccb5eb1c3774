"""The local recogniser: the words of what the local voice says, on any thread; and what is hardly sound."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from tests.integration.voice.conftest import CALLER_HZ
from voice.engines import moonshine
from voice.engines.beam import Found, Language
from voice.engines.moonshine import Moonshine
from voice.errors import EngineFailed, SpeechUnavailable
from voice.scoring import word_errors
from voice.sound import Samples, resampled
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


async def test_what_sounds_alike_is_heard_as_one_would_put_it(
    speech: Speech, caller_says: Callable[[str], Awaitable[Samples]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert speech.ears
    sound = resampled(await caller_says("Write a letter to the landlord."), CALLER_HZ, moonshine.RATE_HZ)
    assert speech.ears.transcribe(sound).startswith("Write a letter")
    monkeypatch.setattr(speech.ears._phrasing, "_worth", {("<s>", "right"): 60.0})
    assert speech.ears.transcribe(sound).startswith("Right a letter")


@pytest.mark.parametrize("title", ["Hartmann interview", "Gupta's audit", "Delacroix, Kowalski"])
async def test_a_name_that_is_hinted_at_is_heard_as_it_is_written(
    speech: Speech, caller_says: Callable[[str], Awaitable[Samples]], title: str
) -> None:
    name = title.split()[0].removesuffix("'s").strip(",")
    sound = await caller_says(f"What do you know about {name} and the invoice?")
    assert name not in await speech.transcribe(sound, CALLER_HZ)
    assert name in await speech.transcribe(sound, CALLER_HZ, ("Plumber for the bathroom", title))


async def test_what_is_hinted_at_and_not_said_is_not_heard(
    speech: Speech, caller_says: Callable[[str], Awaitable[Samples]]
) -> None:
    hints = ("Lindqvist interview", "Brightwater website", "Project Zephyr", "Write to Marlowe", "Summer")
    for sentence in SENTENCES:
        sound = await caller_says(sentence)
        assert await speech.transcribe(sound, CALLER_HZ, hints) == await speech.transcribe(sound, CALLER_HZ)


async def test_what_nobody_waits_for_any_more_is_given_up(
    speech: Speech, caller_says: Callable[[str], Awaitable[Samples]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert speech.ears
    ears, steps, found = speech.ears, asyncio.Queue[threading.Event](), asyncio.Queue[str]()
    sound = await caller_says(SENTENCES[1])
    loop, worth, transcribe = asyncio.get_running_loop(), moonshine._Sentence.go_on, ears.transcribe

    def go_on(*given: Any) -> Samples:
        cancelled = threading.Event()
        loop.call_soon_threadsafe(steps.put_nowait, cancelled)
        assert cancelled.wait(10)
        return worth(*given)

    def told(*given: Any) -> str:
        text = transcribe(*given)
        loop.call_soon_threadsafe(found.put_nowait, text)
        return text

    monkeypatch.setattr(moonshine._Sentence, "go_on", go_on)
    monkeypatch.setattr(ears, "transcribe", told)
    transcribing = asyncio.create_task(speech.transcribe(sound, CALLER_HZ))
    cancelled = await steps.get()
    transcribing.cancel()
    await asyncio.wait([transcribing])
    cancelled.set()
    assert await found.get() == ""
    assert steps.empty()


async def test_what_the_model_cannot_take_is_an_error_of_ours(speech: Speech) -> None:
    assert speech.ears
    with pytest.raises(EngineFailed, match="moonshine"):
        speech.ears.transcribe(np.zeros((2, CALLER_HZ), dtype=np.float32))


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moonshine, "find_spec", lambda _: None)
    with pytest.raises(SpeechUnavailable, match=r"pip install moonshine-voice.*VOICE_STT"):
        Moonshine()


class Sure(Moonshine):
    """Finds what it is told to, in one hearing and in two; how often it heard is kept."""

    def __init__(self) -> None:
        super().__init__(workers=1)
        self.once: list[Found] = []
        self.twice: list[Found] = []
        self.hearings: list[Sequence[Samples]] = []

    def found(self, score: float, words: str) -> Found:
        """Words, blanks as the model writes them, with their likelihood."""
        return Found(score, [self._tokens.index(word.encode()) for word in words.split()])

    def _found(
        self,
        hearings: Sequence[Samples],
        language: Language,
        given_up: threading.Event,
        *,
        behind: float = 0.0,
    ) -> list[Found]:
        self.hearings.append(hearings)
        return self.once if len(hearings) == 1 else self.twice


@pytest.fixture(scope="module")
def loaded() -> Iterator[Sure]:
    sure = Sure()
    yield sure
    sure.close()


@pytest.fixture
def sure(loaded: Sure) -> Sure:
    loaded.hearings.clear()
    loaded.twice = [loaded.found(-0.1, "\u2581Another \u2581time")]
    return loaded


SOUND = np.linspace(-0.5, 0.5, 4000, dtype=np.float32)


@pytest.mark.parametrize("words", ["\u2581Ten \u2581of \u2581cl ubs", "\u2581Call \u2581Qu ops"])
def test_what_is_sure_is_heard_once(sure: Sure, words: str) -> None:
    sure.once = [sure.found(-1.9, words)]
    assert sure.transcribe(SOUND) == words.replace(" ", "").replace("\u2581", " ").strip()
    ((heard,),) = sure.hearings
    assert np.array_equal(heard, SOUND)


def test_what_is_unsure_is_searched_for_again_with_a_hearing_60_ms_later(sure: Sure) -> None:
    sure.once = [sure.found(-2.1, "\u2581Ten \u2581of \u2581cl ubs")]
    assert sure.transcribe(SOUND) == "Another time"
    _, (one, later) = sure.hearings
    silence = np.zeros(960, dtype=np.float32)
    assert np.array_equal(one, np.concatenate([SOUND, silence]))
    assert np.array_equal(later, np.concatenate([silence, SOUND]))


@pytest.mark.parametrize(("behind", "heard"), [(1.9, "Ten of clubs"), (2.1, "Ten of quops")])
def test_a_word_that_no_list_has_loses_unless_it_is_much_likelier(
    sure: Sure, behind: float, heard: str
) -> None:
    made_up = sure.found(-0.1, "\u2581Ten \u2581of \u2581qu ops")
    sure.once = [made_up]
    sure.twice = [made_up, sure.found(-0.1 - behind, "\u2581Ten \u2581of \u2581cl ubs")]
    assert sure.transcribe(SOUND) == heard
    assert len(sure.hearings) == 2
