"""Speech by vendors: pipecat's own services, chosen by name.

What a service needs that is not installed is named by pipecat's extra: `pip install "pipecat-ai[deepgram]"`.
"""

import importlib
import inspect
from collections.abc import Mapping
from typing import Any

from voice.errors import SpeechUnavailable
from voice.settings import VoiceSettings

STT: Mapping[str, str] = {
    "assemblyai": "AssemblyAISTTService",
    "azure": "AzureSTTService",
    "cartesia": "CartesiaSTTService",
    "deepgram": "DeepgramSTTService",
    "elevenlabs": "ElevenLabsRealtimeSTTService",
    "gladia": "GladiaSTTService",
    "groq": "GroqSTTService",
    "openai": "OpenAISTTService",
    "soniox": "SonioxSTTService",
    "speechmatics": "SpeechmaticsSTTService",
}
TTS: Mapping[str, str] = {
    "azure": "AzureTTSService",
    "cartesia": "CartesiaTTSService",
    "deepgram": "DeepgramTTSService",
    "elevenlabs": "ElevenLabsTTSService",
    "groq": "GroqTTSService",
    "inworld": "InworldTTSService",
    "openai": "OpenAITTSService",
    "rime": "RimeTTSService",
}
LOCAL = "local"
_STT_BY_HTTP, _TTS_BY_HTTP = ("groq", "openai"), ("openai",)
"""They make a client each, which nobody closes, unless one is given."""
_KEPT_S = 60.0
"""Connections, over pauses: a caller listens and thinks for longer than the 5 s that are usual, and a new
connection, with its encryption, is heard as a delay."""


def check(settings: VoiceSettings) -> None:
    """Refuse at start what would fail in the first call.

    Raises:
        SpeechUnavailable: An unknown name, a missing package, a missing key; says what to do.
    """
    if settings.stt != LOCAL:
        _service("STT", STT, settings.stt, settings.stt_api_key.get_secret_value())
    if settings.tts != LOCAL:
        _service("TTS", TTS, settings.tts, settings.tts_api_key.get_secret_value())


def open_http_client(settings: VoiceSettings) -> Any | None:
    """Connections for all calls' services, to be closed after the last one; None if nothing needs them."""
    if settings.stt not in _STT_BY_HTTP and settings.tts not in _TTS_BY_HTTP:
        return None
    from openai import DefaultAsyncHttpxClient
    from pipecat.utils.http import connection_limits

    return DefaultAsyncHttpxClient(limits=connection_limits(keepalive_expiry=_KEPT_S))


def stt_service(settings: VoiceSettings, sample_rate_hz: int, http_client: Any | None = None) -> Any | None:
    """A service for one call; None if speech recognition is local."""
    if settings.stt == LOCAL:
        return None
    key = settings.stt_api_key.get_secret_value()
    service = _service("STT", STT, settings.stt, key)
    given = {"api_key": key, "sample_rate": sample_rate_hz} | _places(settings.stt_url, settings.region)
    client = {"http_client": http_client} if settings.stt in _STT_BY_HTTP else {}
    return service(**_taken(service, given, {"model": settings.stt_model}), **client)


def tts_service(settings: VoiceSettings, sample_rate_hz: int, http_client: Any | None = None) -> Any | None:
    """A service for one call; None if the voice is local."""
    if settings.tts == LOCAL:
        return None
    key = settings.tts_api_key.get_secret_value()
    service = _service("TTS", TTS, settings.tts, key)
    # OpenAI's voices come at 24 kHz only; the sound is brought to the line's rate where it is played.
    rate = None if settings.tts == "openai" else sample_rate_hz
    given = {"api_key": key, "sample_rate": rate} | _places(settings.tts_url, settings.region)
    chosen = {"model": settings.tts_model, "voice": settings.tts_voice}
    client = {"http_client": http_client} if settings.tts in _TTS_BY_HTTP else {}
    return service(**_taken(service, given, chosen), **client)


def _service(role: str, known: Mapping[str, str], vendor: str, key: str) -> Any:
    if vendor not in known:
        raise SpeechUnavailable(
            f"VOICE_{role}={vendor} names no vendor. Known are: {LOCAL}, {', '.join(sorted(known))}."
        )
    if not key:
        raise SpeechUnavailable(f"VOICE_{role}={vendor} needs VOICE_{role}_API_KEY, the vendor's key.")
    try:
        module = importlib.import_module(f"pipecat.services.{vendor}.{role.lower()}")
    except ImportError as error:
        raise SpeechUnavailable(
            f"VOICE_{role}={vendor} needs a package that is not installed: "
            f'pip install "pipecat-ai[{vendor}]".'
        ) from error
    return getattr(module, known[vendor])


def _places(url: str, region: str) -> dict[str, str]:
    return {"base_url": url, "url": url, "region": region}


def _taken(service: Any, given: Mapping[str, Any], chosen: Mapping[str, str]) -> dict[str, Any]:
    """What this service's constructor takes of what is set."""
    takes = inspect.signature(service.__init__).parameters
    wishes = {name: value for name, value in chosen.items() if value}
    all_of_it = {**given, "settings": service.Settings(**wishes) if wishes else None}
    return {name: one for name, one in all_of_it.items() if one and name in takes}
