"""Settings that name a vendor: what is refused, and what is said then."""

import subprocess
import sys

import pytest
from pydantic import SecretStr

from voice.errors import SpeechUnavailable
from voice.settings import VoiceSettings
from voice.vendors import check, open_http_client, stt_service, tts_service


def settings(**chosen: str) -> VoiceSettings:
    return VoiceSettings(_env_file=None, **chosen)  # type: ignore[call-arg, arg-type]


@pytest.mark.parametrize(
    ("chosen", "advice"),
    [
        ({"stt": "nobody"}, "VOICE_STT=nobody names no vendor. Known are: local, .*deepgram"),
        ({"tts": "nobody"}, "VOICE_TTS=nobody names no vendor. Known are: local, .*cartesia"),
        ({"stt": "cartesia"}, "VOICE_STT=cartesia needs VOICE_STT_API_KEY"),
        ({"tts": "openai"}, "VOICE_TTS=openai needs VOICE_TTS_API_KEY"),
    ],
)
def test_what_would_fail_in_a_call_is_refused_at_start(chosen: dict[str, str], advice: str) -> None:
    with pytest.raises(SpeechUnavailable, match=advice):
        check(settings(**chosen))


def test_a_missing_package_is_named() -> None:
    key = SecretStr("secret")
    with pytest.raises(SpeechUnavailable, match=r"pipecat-ai\[speechmatics\]") as raised:
        check(VoiceSettings(_env_file=None, stt="speechmatics", stt_api_key=key))  # type: ignore[call-arg]
    assert "secret" not in str(raised.value)


def test_local_needs_no_vendor() -> None:
    check(settings())
    assert stt_service(settings(), 8_000) is None
    assert tts_service(settings(), 8_000) is None


def test_a_vendor_is_built_with_what_is_set() -> None:
    chosen = VoiceSettings(
        _env_file=None,  # type: ignore[call-arg]
        tts="cartesia",
        tts_api_key=SecretStr("key"),
        tts_voice="anna",
        tts_model="sonic-3",
    )
    service = tts_service(chosen, 8_000)
    assert service
    assert type(service).__name__ == "CartesiaTTSService"
    assert service._settings.voice == "anna"
    assert service._settings.model == "sonic-3"


async def test_connections_are_kept_for_those_who_ask_over_http_alone() -> None:
    assert open_http_client(settings()) is None
    assert open_http_client(settings(stt="cartesia")) is None
    client = open_http_client(settings(tts="openai"))
    assert client
    await client.aclose()
    with pytest.raises(RuntimeError, match="has been closed"):
        await client.get("http://127.0.0.1/")


@pytest.mark.parametrize("vendor", ["groq", "openai"])
async def test_services_that_ask_over_http_take_the_connections_of_all(vendor: str) -> None:
    key = SecretStr("key")
    chosen = VoiceSettings(_env_file=None, stt=vendor, stt_api_key=key)  # type: ignore[call-arg]
    client = open_http_client(chosen)
    assert client
    async with client:
        service = stt_service(chosen, 8_000, client)
        assert service
        assert service._client._client is client


def test_importing_the_voice_loads_neither_pipecat_nor_a_model() -> None:
    heavy = ("pipecat", "numpy", "onnxruntime", "moonshine_voice", "hibari", "av", "numba")
    program = (
        "import sys, voice.call, voice.speech, voice.notes, voice.settings, voice.port, voice.errors\n"
        f"print([one for one in {heavy} if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
