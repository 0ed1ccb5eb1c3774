"""Samples: G.711 µ-law, 16 bit PCM, floats. All of one channel."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from voice.port import Encoding

Samples = NDArray[np.float32]
"""From -1 to 1."""

_BIAS = 0x84
_CLIP = 32_635
_FULL = 32_768.0


def _expanded() -> NDArray[np.int16]:
    codes = ~np.arange(256, dtype=np.uint8)
    exponent = (codes >> 4) & 7
    magnitude = (((codes & 0x0F).astype(np.int32) << 3) + _BIAS) << exponent
    samples: NDArray[np.int16] = np.where(codes & 0x80, _BIAS - magnitude, magnitude - _BIAS).astype("<i2")
    return samples


def _compressed() -> NDArray[np.uint8]:
    """The code of every 16 bit sample, at the sample's index as an unsigned number."""
    samples = np.arange(65_536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.minimum(np.abs(samples), _CLIP) + _BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(samples < 0, 0x80, 0)
    codes: NDArray[np.uint8] = (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8)
    return codes


_TO_PCM = _expanded()
_TO_MULAW = _compressed()


def to_pcm16(data: bytes, encoding: Encoding) -> bytes:
    """What a line sent as signed 16 bit, little endian. An odd last byte is dropped."""
    if encoding is Encoding.MULAW:
        return bytes(_TO_PCM[np.frombuffer(data, dtype=np.uint8)])
    return data[: len(data) & ~1]


def from_pcm16(pcm: bytes, encoding: Encoding) -> bytes:
    """Signed 16 bit as a line wants it."""
    if encoding is Encoding.MULAW:
        return bytes(_TO_MULAW[np.frombuffer(pcm, dtype="<u2")])
    return pcm


def to_samples(pcm: bytes) -> Samples:
    """Signed 16 bit as floats."""
    return np.frombuffer(pcm, dtype="<i2").astype(np.float32) / np.float32(_FULL)


def to_bytes(samples: NDArray[Any]) -> bytes:
    """Floats as signed 16 bit, cut at full scale."""
    return bytes((np.clip(samples, -1, 1) * (_FULL - 1)).astype("<i2"))


def resampled(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """At another rate, of good quality (soxr)."""
    if from_hz == to_hz:
        return samples
    import soxr

    return np.asarray(soxr.resample(samples, from_hz, to_hz), dtype=np.float32)
