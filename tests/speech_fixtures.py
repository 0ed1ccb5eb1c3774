"""The speech engines, loaded once a process for every test that hears or speaks: three seconds of a core."""

from collections.abc import Iterator

import pytest

from voice.speech import Speech


@pytest.fixture(scope="session")
def speech() -> Iterator[Speech]:
    """Local engines; they belong to no event loop."""
    from voice.settings import VoiceSettings
    from voice.speech import _loaded

    loaded = _loaded(VoiceSettings(_env_file=None))  # type: ignore[call-arg]
    yield loaded
    for engine in (loaded.ears, loaded.voice, loaded.turns):
        if engine is not None:
            engine.close()
