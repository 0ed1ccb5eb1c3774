"""`cos call`: a wave file is spoken, and what came back is told."""

import wave
from pathlib import Path

import numpy as np
import pytest

from agentops.wire import Person
from ops.errors import PhoneUnusable
from ops.phone_calling import Plan, call
from ops.phone_calls import Network
from ops.phone_figures import STAGES
from ops.phone_line import RATE_HZ
from ops.phone_waves import read_wave
from ops.remote import Remote
from tests.integration.gateway_phone.conftest import ADA, PUBLIC, phone_settings
from tests.integration.gateway_phone.test_identity import Brain, brain
from voice.sound import to_bytes, to_samples
from voice.speech import Speech

__all__ = ["brain"]

SETTINGS = phone_settings(owner_numbers=frozenset({ADA}))


def remote(ledger_url: str, key: str) -> Remote:
    return Remote(ledger=ledger_url, chief="", panel=PUBLIC, key=key, state=None)


async def a_wave(speech: Speech, path: Path, text: str) -> Path:
    """In stereo and at 44.1 kHz, as people record."""
    mono = np.concatenate([piece async for piece in speech.speak(text, 44_100)])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(to_bytes(np.repeat(mono, 2)))
    return path


async def test_a_wave_file_is_spoken_and_its_answer_is_measured_and_kept(
    network: Network,
    ada: Person,
    brain: Brain,
    speech: Speech,
    ledger_url: str,
    admin_key: str,
    tmp_path: Path,
) -> None:
    question = await a_wave(speech, tmp_path / "question.wav", "What is going on?")
    plan = Plan(files=[question], out=tmp_path / "heard.wav")
    found = await call(remote(ledger_url, admin_key), SETTINGS, network.gateway, "main", plan)
    [said] = found.said
    assert said.answered_after_s is not None
    assert said.answered_after_s > 0
    assert found.greeted_after_s is not None
    assert said.turns == found.turns == 1
    assert said.stages is not None
    parts = [getattr(said.stages, f"{stage}_s") for stage in STAGES]
    assert all(seconds >= 0 for seconds in parts)
    assert sum(parts) == pytest.approx(said.stages.voice_to_voice_s, abs=0.001)
    # The caller hears it a little later than the gateway sends it, and their clocks begin a frame apart.
    assert said.stages.voice_to_voice_s == pytest.approx(said.answered_after_s, abs=0.5)
    assert "going on" in brain.asked[0].text.lower()
    with wave.open(found.heard) as file:
        assert file.getframerate() == RATE_HZ
        heard = to_samples(file.readframes(file.getnframes()))
    assert "all done" in (await speech.transcribe(heard[-4 * RATE_HZ :], RATE_HZ)).lower()


async def test_what_cannot_be_spoken_or_is_not_let_in_is_said_plainly(
    network: Network, ada: Person, ledger_url: str, admin_key: str, speech: Speech, tmp_path: Path
) -> None:
    (tmp_path / "text.wav").write_text("not a wave file")
    for path in (tmp_path / "text.wav", tmp_path / "missing.wav"):
        with pytest.raises(PhoneUnusable, match="cannot be read"):
            read_wave(path)
    question = await a_wave(speech, tmp_path / "question.wav", "Hello.")
    there = remote(ledger_url, admin_key)
    cases = [
        (SETTINGS, Plan(files=[question], caller="+12025550123"), "not let in"),
        (phone_settings(auth_token="another", owner_numbers=frozenset({ADA})), Plan(files=[question]), "403"),
        (phone_settings(account_sid="", auth_token=None), Plan(files=[question]), "has no telephone"),
        (phone_settings(), Plan(files=[question]), "Who is calling"),
    ]
    for settings, plan, words in cases:
        with pytest.raises(PhoneUnusable, match=words):
            await call(there, settings, network.gateway, "main", plan)
