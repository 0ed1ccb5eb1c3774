"""Samples in and out of the telephone's encoding."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from voice.port import Encoding
from voice.sound import from_pcm16, resampled, to_bytes, to_pcm16, to_samples


def test_the_codes_of_g711_are_known() -> None:
    # ITU-T G.711, table 2a: the ends of the segments.
    codes = bytes([0xFF, 0x7F, 0x80, 0x00, 0x8F, 0xEF])
    samples = np.frombuffer(to_pcm16(codes, Encoding.MULAW), dtype="<i2")
    assert samples.tolist() == [0, 0, 32124, -32124, 16764, 132]


@given(st.binary(max_size=400))
def test_every_code_comes_back_as_itself(codes: bytes) -> None:
    again = from_pcm16(to_pcm16(codes, Encoding.MULAW), Encoding.MULAW)
    # The two zeros of the code are one sample.
    assert again.replace(b"\x7f", b"\xff") == codes.replace(b"\x7f", b"\xff")


@given(st.lists(st.floats(-1, 1), max_size=200))
def test_the_line_bends_a_sample_by_no_more_than_its_step(values: list[float]) -> None:
    sound = np.array(values, dtype=np.float32)
    coded = to_pcm16(from_pcm16(to_bytes(sound), Encoding.MULAW), Encoding.MULAW)
    assert np.all(np.abs(to_samples(coded) - sound) <= np.maximum(0.005, np.abs(sound) * 0.05))


def test_half_a_sample_is_dropped() -> None:
    assert to_pcm16(b"\1\2\3", Encoding.PCM16) == b"\1\2"


def test_too_loud_is_cut_at_full_scale() -> None:
    assert np.frombuffer(to_bytes(np.array([2.0, -2.0])), dtype="<i2").tolist() == [32767, -32767]


def test_resampling_keeps_the_tone() -> None:
    tone = np.sin(np.arange(8_000) * 2 * np.pi * 440 / 8_000).astype(np.float32)
    spectrum = np.abs(np.fft.rfft(resampled(tone, 8_000, 16_000)))
    assert abs(int(np.argmax(spectrum)) - 440) <= 1
