"""Where a caller's wait goes, by the gateway's own clocks: what it tells Prometheus, before and after."""

from collections.abc import Iterator, Mapping
from dataclasses import fields

import httpx
import msgspec
from prometheus_client.parser import text_string_to_metric_families

from voice.measures import TurnTimes

Figures = Mapping[str, float]
"""Samples by `name{label=value}`."""

STAGES = tuple(field.name.removesuffix("_s") for field in fields(TurnTimes))
"""In their order: each begins where the one before it ends."""
_STAGE, _WHOLE = "cos_voice_stage_seconds", "cos_voice_to_voice_seconds"


class Stages(msgspec.Struct, frozen=True):
    """From the caller's last sound to the answer's first, in seconds; the stages add up to the sum.

    The mean, if there were several turns.
    """

    vad_s: float
    """Until the silence was taken for one."""
    stt_s: float
    """Until the text was there."""
    turn_s: float
    """Until the caller was taken to have finished."""
    brain_s: float
    """Until the chief's first words."""
    sentence_s: float
    """Until there was enough of them to speak."""
    tts_s: float
    """Until the first sound."""
    voice_to_voice_s: float


class Measured(msgspec.Struct, frozen=True):
    """What a gateway measured meanwhile."""

    turns: int = 0
    """Answers of which a sound was heard."""
    stages: Stages | None = None


async def figures_of(gateway: str, key: str) -> Figures:
    """What a gateway tells now.

    Raises:
        httpx.HTTPError: It does not answer, or not to this key.
    """
    async with httpx.AsyncClient(base_url=gateway, trust_env=False) as web:
        answer = await web.get("/api/v1/metrics", headers={"Authorization": f"Bearer {key}"})
        answer.raise_for_status()
    return dict(samples(answer.text))


def samples(exposed: str) -> Iterator[tuple[str, float]]:
    """What is exposed to Prometheus, sample by sample."""
    for family in text_string_to_metric_families(exposed):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            yield f"{sample.name}{{{labels}}}" if labels else sample.name, sample.value


def stage_means(before: Figures, after: Figures) -> dict[str, float]:
    """Seconds of each stage, on average of the turns that were added meanwhile; 0 where there were none."""
    return {
        stage: _grown(before, after, f"{_STAGE}_sum{{stage={stage}}}")
        / max(1.0, _grown(before, after, f"{_STAGE}_count{{stage={stage}}}"))
        for stage in STAGES
    }


def measured(before: Figures | None, after: Figures | None) -> Measured | None:
    """What one call added; None where it is not known: nothing was told, or other calls went on beside it."""
    if before is None or after is None or max(before.get("cos_calls", 0), after.get("cos_calls", 0)) > 1:
        return None
    turns = round(_grown(before, after, f"{_WHOLE}_count"))
    if turns < 1:
        return Measured()
    means = {f"{stage}_s": seconds for stage, seconds in stage_means(before, after).items()}
    whole = _grown(before, after, f"{_WHOLE}_sum") / turns
    rounded = {name: round(seconds, 4) for name, seconds in {**means, "voice_to_voice_s": whole}.items()}
    return Measured(turns, Stages(**rounded))


def _grown(before: Figures, after: Figures, name: str) -> float:
    return after.get(name, 0.0) - before.get(name, 0.0)
