"""The list of sentences that were not understood, so that the templates can learn them."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import msgspec

log = logging.getLogger(__name__)

_MAX_BYTES = 1_000_000


class Miss(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    text: str
    guess: str
    """The nearest intent."""
    score: float
    """Its similarity, 0 to 1."""


class Misses:
    """Appends to a file of JSON lines, readable by its owner alone. Stops at one megabyte."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def note(self, text: str, guess: str, score: float) -> None:
        """Keep a sentence. A full disk must not cost the person an answer."""
        if self._path is None:
            return
        miss = Miss(at=datetime.now(UTC), text=text[:500], guess=guess, score=round(score, 3))
        try:
            self._append(msgspec.json.encode(miss) + b"\n")
        except OSError as failed:
            log.warning("offline.miss_not_kept: %s", failed)

    def _append(self, line: bytes) -> None:
        assert self._path is not None  # noqa: S101 - narrowed by `note`
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._path.exists() and self._path.stat().st_size > _MAX_BYTES:
            return
        self._path.touch(mode=0o600)
        with self._path.open("ab") as file:
            file.write(line)
