"""Runs every check, all at once, each within its time."""

import asyncio
from collections.abc import Awaitable, Callable

from ops.doctor import connections, machine, model, parts, settings, telegram
from ops.doctor.findings import Finding, Ground, bad, hint

CHECK_TIMEOUT_S = 30

Check = Callable[[Ground], Awaitable[list[Finding]]]

CHECKS: dict[str, Check] = {
    "settings": settings.check,
    "machine": machine.check,
    "services": connections.check,
    "parts": parts.check,
    "model": model.check,
    "telegram": telegram.check,
}


async def examine(ground: Ground) -> list[Finding]:
    """All findings, in the order of `CHECKS`."""
    found = await asyncio.gather(*(_within(area, check, ground) for area, check in CHECKS.items()))
    return [finding for findings in found for finding in findings]


async def _within(area: str, check: Check, ground: Ground) -> list[Finding]:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return await check(ground)
    except TimeoutError:
        return [bad(area, area, f"no answer within {CHECK_TIMEOUT_S} s", "Something hangs; try once more.")]
    except ModuleNotFoundError as missing:
        # A container's image holds what its own part uses.
        advice = "In a container, ask in the one that uses it; elsewhere, install again."
        return [hint(area, area, f"not to be checked from here: {missing.name} is not installed", advice)]
