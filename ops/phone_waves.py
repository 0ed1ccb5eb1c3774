"""Wave files, as a telephone carries them and as it is heard."""

import wave
from pathlib import Path

import numpy as np

from ops.errors import PhoneUnusable
from ops.phone_line import FRAME_BYTES, FRAME_S, RATE_HZ, audible
from voice.port import Encoding
from voice.sound import from_pcm16, resampled, to_bytes, to_samples

LONGEST_S = 120.0


def read_wave(path: Path) -> bytes:
    """A wave file as the telephone carries it: µ-law, 8 kHz.

    Raises:
        PhoneUnusable: It is none of 16 bit, or too long.
    """
    try:
        with wave.open(str(path)) as file:
            channels, width, rate, frames = file.getparams()[:4]
            if width != 2 or frames > rate * LONGEST_S or not frames:
                raise PhoneUnusable(
                    f"{path}: a wave file of 16 bit and at most {LONGEST_S:.0f} seconds, please."
                )
            samples = to_samples(file.readframes(frames)).reshape(-1, channels).mean(axis=1)
    except (OSError, EOFError, wave.Error) as error:
        raise PhoneUnusable(f"{path} cannot be read as a wave file: {error}") from None
    return from_pcm16(to_bytes(resampled(samples.astype(np.float32), rate, RATE_HZ)), Encoding.MULAW)


def write_wave(path: Path, sound: "np.ndarray[tuple[int, ...], np.dtype[np.int16]]") -> None:
    """What was heard, 16 bit at 8 kHz."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(sound.astype("<i2").tobytes())


def silence_around(mulaw: bytes) -> tuple[float, float]:
    """Seconds before the first sound and after the last one; none, if nothing is to be heard at all."""
    whole = range(0, len(mulaw) - FRAME_BYTES + 1, FRAME_BYTES)
    loud = [at for at in whole if audible(mulaw[at : at + FRAME_BYTES])]
    if not loud:
        return 0.0, 0.0
    frames = -(-len(mulaw) // FRAME_BYTES)
    first, last = loud[0] // FRAME_BYTES, loud[-1] // FRAME_BYTES
    return first * FRAME_S, (frames - 1 - last) * FRAME_S
