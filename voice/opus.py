"""Sound into OGG/Opus, a piece at a time. PyAV brings its own ffmpeg."""

import io

_BITS_PER_S = 32_000
_EFFORT = "5"
"""Of ten; the last five cost twice the time and are not heard on a voice."""


class OpusFile:
    """A recording in the making, in memory."""

    def __init__(self, sample_rate_hz: int, *, channels: int = 1) -> None:
        """Nothing is written yet.

        Args:
            sample_rate_hz: Of what is written: 8000, 16000 or 48000.
            channels: 1 or 2.
        """
        import av

        self._rate = sample_rate_hz
        self._channels = channels
        self._layout = "mono" if channels == 1 else "stereo"
        self._target = io.BytesIO()
        self._container = av.open(self._target, "w", format="ogg")
        options = {"compression_level": _EFFORT}
        self._stream = self._container.add_stream(
            "libopus", rate=sample_rate_hz, layout=self._layout, options=options
        )
        self._stream.bit_rate = _BITS_PER_S
        self.samples = 0
        """Written so far, of each channel."""

    def write(self, pcm: bytes) -> None:
        """Append sound: signed 16 bit, the channels interleaved."""
        import av
        import numpy as np

        if not pcm:
            return
        interleaved = np.frombuffer(pcm, dtype="<i2").reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(interleaved, format="s16", layout=self._layout)
        frame.sample_rate, frame.pts = self._rate, self.samples
        self.samples += interleaved.shape[1] // self._channels
        for packet in self._stream.encode(frame):
            self._container.mux(packet)

    def finished(self) -> bytes:
        """The whole file; nothing can be written behind it."""
        for packet in self._stream.encode(None):
            self._container.mux(packet)
        self._container.close()
        return self._target.getvalue()
