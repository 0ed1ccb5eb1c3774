"""The model: chosen, its package and key there and, if asked for, one short answer."""

import asyncio
import time

from pydantic import ValidationError

from brain.models import OFFLINE, ModelChoice, ModelUnavailableError, build, choose
from brain.settings import ModelSettings
from ops.doctor.findings import Finding, Ground, bad, good, hint
from ops.telemetry import redact_text

AREA = "model"
QUESTION = "Answer with the one word: ready"


async def check(ground: Ground) -> list[Finding]:
    """Builds it; asks it only when the person agreed to pay for that."""
    try:
        settings = ModelSettings.model_validate({})
        choice = choose(settings)
        # Imports a vendor's package, which may take a second.
        await asyncio.to_thread(build, choice, settings)
    except ValidationError:
        return []  # told of among the settings
    except ModelUnavailableError as error:
        return [bad(AREA, "model", "cannot be used", str(error))]
    if choice.provider == OFFLINE:
        return [hint(AREA, "model", "offline rules", "For free speech set COS_MODEL, or a vendor's key.")]
    if not ground.ask_model:
        return [good(AREA, "model", f"{choice}; `cos doctor --ask-model` asks it one short question")]
    return [await _asked(choice, settings)]


async def _asked(choice: ModelChoice, settings: ModelSettings) -> Finding:
    model = build(choice, settings)
    began = time.monotonic()
    try:
        async for _ in model.stream([{"role": "user", "content": [{"text": QUESTION}]}]):
            pass
    except Exception as error:  # whatever a vendor's package raises
        said = redact_text(f"{type(error).__name__}: {error}".splitlines()[0][:200])
        return bad(
            AREA,
            "model",
            f"{choice} does not answer: {said}",
            "Check the key, the model's name, the network.",
        )
    return good(AREA, "model", f"{choice} answered in {time.monotonic() - began:.1f} s")
