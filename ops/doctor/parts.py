"""The parts that run: each is asked whether it is ready, and the ledger whether the key is good."""

import httpx
import msgspec

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError, Unavailable
from agentops.wire import Health, Scope, Stats
from ops.doctor.findings import Finding, Ground, bad, good, hint, off
from ops.errors import NotRunning
from ops.parts import PARTS
from ops.remote import Remote

AREA = "parts"
TIMEOUT_S = 5
LONG_WAIT_S = 600


async def check(ground: Ground) -> list[Finding]:
    """What runs over this COS_HOME, or where the settings say."""
    try:
        remote = Remote.of(ground.settings)
    except NotRunning as error:
        return [off(AREA, "running", str(error))]
    addresses = {"ledger": remote.ledger, "chief": remote.chief}
    if remote.state is not None:
        addresses |= {"gateway": remote.state.gateway, "ui": remote.state.ui or remote.state.panel}
    findings = [await _ready(name, base) for name, base in addresses.items()]
    return [*findings, *await _ledger(remote)]


async def _ready(name: str, base: str) -> Finding:
    url = base + (PARTS[name].ready_path or "")
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            answer = await client.get(url)
    except httpx.HTTPError as error:
        advice = f"Is it running? `cos logs {name}` says what it did last."
        return bad(AREA, name, f"no answer at {base}: {type(error).__name__}", advice)
    if answer.is_success:
        return good(AREA, name, f"ready at {base}")
    return bad(AREA, name, f"not ready: {_wrong(answer)}", f"`cos logs {name} --level warning` says more.")


def _wrong(answer: httpx.Response) -> str:
    try:
        checks = msgspec.json.decode(answer.content, type=Health).checks
    except msgspec.MsgspecError:
        return f"HTTP {answer.status_code}"
    return "; ".join(f"{name} {said}" for name, said in checks.items() if said != "ok")


async def _ledger(remote: Remote) -> list[Finding]:
    try:
        async with AgentOpsClient(url=remote.ledger, api_key=remote.key, timeout_s=TIMEOUT_S) as ledger:
            key, stats = await ledger.whoami(), await ledger.stats()
    except Unavailable:
        return []
    except AgentOpsError as error:
        return [bad(AREA, "key", str(error), "Give an admin key in LEDGER_API_KEY; `cos keys` makes them.")]
    if key.scope is not Scope.ADMIN:
        wrong = f"{key.name} may only do what scope {key.scope} may"
        return [hint(AREA, "key", wrong, "Commands that change something need an admin key."), _work(stats)]
    return [good(AREA, "key", f"{key.name} ({key.scope})"), _work(stats)]


def _work(stats: Stats) -> Finding:
    waiting = stats.tasks.get("pending", 0)
    if waiting and not stats.agents_online:
        return bad(
            AREA, "work", f"{waiting} tasks wait and no worker is online", "Start one: `cos run seed`."
        )
    if (stats.oldest_pending_s or 0) > LONG_WAIT_S:
        said = f"the oldest of {waiting} tasks waits for {(stats.oldest_pending_s or 0) / 60:.0f} minutes"
        return hint(
            AREA, "work", said, "More workers, or more SEED_SLOTS, or a task needs a skill that none has."
        )
    return good(AREA, "work", f"{stats.agents_online} workers online, {waiting} tasks wait")
