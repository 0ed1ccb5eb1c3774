"""Voice messages: a recording into words, words into a recording. PyAV brings its own ffmpeg."""

import asyncio
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voice.errors import AudioTooLong, AudioUnreadable
from voice.speech import Speech

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voice.sound import Samples

MAX_BYTES = 20_000_000
MAX_S = 600
MAX_CHARACTERS = 4_000
_RATE_HZ = 16_000
_OPUS_HZ = 48_000
_CHUNK_S = 12.0
"""A recording is cut at the first pause after so long; beyond half a minute the engine grows vague."""
_LONGEST_CHUNK_S = 25.0


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a recording says."""

    text: str
    """Empty if nobody speaks in it."""
    duration_s: float


async def transcribe(recording: bytes, speech: Speech, hints: tuple[str, ...] = ()) -> Transcript:
    """The words of a recording, by the local engine.

    Args:
        recording: OGG/Opus as Telegram sends it, or anything that ffmpeg reads: mp3, m4a, wav, webm.
        speech: From `open_speech`.
        hints: As of `Speech.transcribe`.

    Raises:
        AudioUnreadable: It is no sound.
        AudioTooLong: More than 20 MB or 10 minutes.
        SpeechUnavailable: There is no local engine here.
        EngineFailed: The engine broke.
    """
    if len(recording) > MAX_BYTES:
        raise AudioTooLong(f"This recording has more than {MAX_BYTES // 1_000_000} MB. Send a shorter one.")
    sound = await asyncio.to_thread(_decoded, recording)
    chunks = await asyncio.to_thread(lambda: list(_chunks(sound, speech)))
    texts = [await speech.transcribe(chunk, _RATE_HZ, hints) for chunk in chunks]
    return Transcript(" ".join(text for text in texts if text), len(sound) / _RATE_HZ)


async def speak(text: str, speech: Speech) -> bytes:
    """A recording of a text, in OGG/Opus at 48 kHz of one channel: what Telegram shows as a voice message.

    Raises:
        AudioTooLong: More than 4,000 characters, or nothing to say.
        SpeechUnavailable: There is no local voice here.
        EngineFailed: The engine broke.
    """
    from voice.sentences import SentenceCutter
    from voice.speakable import speakable

    if len(text) > MAX_CHARACTERS:
        raise AudioTooLong(f"More than {MAX_CHARACTERS:,} characters are too much for a voice message.")
    cutter = SentenceCutter()
    written = [*cutter.feed(text + "\n"), cutter.rest() or ""]
    said = [words for one in written if (words := speakable(one))]
    if not said:
        raise AudioTooLong("There is nothing in this text that could be spoken.")
    pieces = [piece for words in said async for piece in speech.speak(words, _OPUS_HZ)]
    return await asyncio.to_thread(_encoded, pieces)


def _decoded(recording: bytes) -> "Samples":
    import av
    import numpy as np

    from voice.sound import to_samples

    try:
        with av.open(io.BytesIO(recording)) as container:
            return np.concatenate([to_samples(part) for part in _frames(container)])
    except (av.FFmpegError, ValueError, IndexError) as error:
        raise AudioUnreadable(
            "This is no recording that I can listen to. Send a voice message, or an mp3, m4a or wav file."
        ) from error


def _frames(container: object) -> "Iterator[bytes]":
    """16 bit PCM of one channel, as it is decoded, up to the limit."""
    import av

    resampler = av.AudioResampler(format="s16", layout="mono", rate=_RATE_HZ)
    total = 0
    for frame in container.decode(audio=0):  # type: ignore[attr-defined]
        for part in resampler.resample(frame):
            total += part.samples
            # A small file may hold hours of silence.
            if total > MAX_S * _RATE_HZ:
                raise AudioTooLong(f"This recording is longer than {MAX_S // 60} minutes.")
            yield bytes(part.planes[0])[: part.samples * 2]


def _chunks(sound: "Samples", speech: Speech) -> "Iterator[Samples]":
    """The parts in which somebody speaks, cut at pauses."""
    from voice.engines.silero import SileroEar
    from voice.gate import WINDOW_S, Edge, SpeechGate

    ear, gate, begins, speaks = SileroEar(speech.silero, _RATE_HZ), SpeechGate(), 0, False
    for at in range(0, len(sound) - ear.window + 1, ear.window):
        edge = gate.hear(ear.likelihood(sound[at : at + ear.window]))
        speaks = speaks or edge is Edge.BEGAN
        long = (at - begins) / _RATE_HZ
        pause = edge is Edge.STOPPED and long > _CHUNK_S
        if speaks and (pause or long > _LONGEST_CHUNK_S):
            yield sound[begins : at + ear.window]
            begins, speaks = at + ear.window, gate.speaking
        elif not speaks and long > 1.0:
            begins = at - int(16 * WINDOW_S * _RATE_HZ)
    if speaks:
        yield sound[begins:]


def _encoded(pieces: "list[Samples]") -> bytes:
    import numpy as np

    from voice.opus import OpusFile
    from voice.sound import to_bytes

    file = OpusFile(_OPUS_HZ)
    file.write(to_bytes(np.concatenate(pieces)))
    return file.finished()
