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


def check(settings: VoiceSettings) -> None:
    """Refuse at start what would fail in the first call.

    Raises:
        SpeechUnavailable: An unknown name, a missing package, a missing key; says what to do.
    """
    if settings.stt != LOCAL:
        _service("STT", STT, settings.stt, settings.stt_api_key.get_secret_value())
    if settings.tts != LOCAL:
        _service("TTS", TTS, settings.tts, settings.tts_api_key.get_secret_value())


def stt_service(settings: VoiceSettings, sample_rate_hz: int) -> Any | None:
    """A service for one call; None if speech recognition is local."""
    if settings.stt == LOCAL:
        return None
    key = settings.stt_api_key.get_secret_value()
    service = _service("STT", STT, settings.stt, key)
    chosen = {"model": settings.stt_model}
    return service(**_arguments(service, settings, key, settings.stt_url, sample_rate_hz, chosen))


def tts_service(settings: VoiceSettings, sample_rate_hz: int) -> Any | None:
    """A service for one call; None if the voice is local."""
    if settings.tts == LOCAL:
        return None
    key = settings.tts_api_key.get_secret_value()
    service = _service("TTS", TTS, settings.tts, key)
    chosen = {"model": settings.tts_model, "voice": settings.tts_voice}
    return service(**_arguments(service, settings, key, settings.tts_url, sample_rate_hz, chosen))


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


def _arguments(
    service: Any, settings: VoiceSettings, key: str, url: str, sample_rate_hz: int, chosen: Mapping[str, str]
) -> dict[str, Any]:
    """What this service's constructor takes of what is set."""
    takes = inspect.signature(service.__init__).parameters
    wishes = {name: value for name, value in chosen.items() if value}
    given: dict[str, Any] = {"api_key": key, "settings": service.Settings(**wishes) if wishes else None}
    given |= {"base_url": url or None, "url": url or None, "region": settings.region or None}
    # OpenAI's voices come at 24 kHz only; the sound is brought to the line's rate where it is played.
    if settings.tts != "openai":
        given["sample_rate"] = sample_rate_hz
    return {name: value for name, value in given.items() if value is not None and name in takes}
