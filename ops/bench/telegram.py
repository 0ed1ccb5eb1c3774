"""What the gateway adds to a message on Telegram, by its own clocks: on the way in, and on the way out.

A gateway as in production, polling and then called by a webhook, beside a ledger that knows everybody, a
Redis that fsyncs every write and a server that speaks the Bot API and refuses what is not of it. Fifty people
write at a pace that Telegram lets a bot answer; a chief that repeats what it hears answers. Two histograms of
the gateway say how long it held each message (`gateway.telegram.metrics`), so neither the server's time nor
the chief's is in the figures; but all of them share the machine.
"""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import httpx
import msgspec
import psutil

from agentops import AgentOpsClient
from agentops.wire import NewContact, NewPerson, Role
from gateway.session.redis_stream import open_session_stream
from gateway.session.serving import Say, serve_turns
from gateway.session.turns import Reply, Turn
from ops.bench.histograms import Buckets, Way, buckets_of
from ops.bench.stage import HOST, LedgerProcess, free_port, opened
from ops.embedded import processes
from ops.errors import PeersMissing, StartFailed

if TYPE_CHECKING:
    from tests.botapi import BotApiServer, Person

MODES = ("polling", "webhook")
WARM_UP = 20
"""Messages that are not measured: connections are made, scripts loaded."""
_PATIENCE_S = 120.0
_WAYS = ("cos_telegram_in_seconds", "cos_telegram_out_seconds")


class TelegramFigures(msgspec.Struct, frozen=True):
    """What was measured in one mode."""

    mode: str
    chats: int
    received_to_stream: Way
    """From an update's arrival until its turn is on disk in the stream."""
    ready_to_request: Way
    """From the chief's answer until the call of the Bot API with it begins."""
    cpu_ms: float
    """Of the gateway's process, for each message with its answer, receipts included."""

    def told(self) -> str:
        """For people."""
        return (
            f"{self.mode}, {self.chats} chats, {self.received_to_stream.messages} messages, "
            f"{self.cpu_ms:.1f} ms of the gateway's processor for each\n"
            f"  update received -> turn in the stream  {self.received_to_stream.told()}\n"
            f"  reply ready -> request begun           {self.ready_to_request.told()}"
        )


async def run(
    *,
    chats: int = 50,
    each: int = 20,
    per_second: float = 20,
    modes: Sequence[str] = MODES,
    say: Callable[[str], None] = print,
) -> list[TelegramFigures]:
    """Measure on servers of its own, started for this.

    Args:
        chats: People who write.
        each: How many messages each of them writes.
        per_second: Messages of all together; Telegram lets a bot send thirty.
        modes: `polling`, `webhook`.
        say: Takes the figures as lines.

    Raises:
        PeersMissing: This is not a whole clone, or not its developers' installation.
    """
    found: list[TelegramFigures] = []
    with tempfile.TemporaryDirectory(prefix="cos-bench-") as home:
        async with opened(Path(home)) as stage:
            for mode in modes:
                async with stage.ledger(await stage.database(f"telegram_{mode}")) as ledger:
                    plan = _Plan(mode, chats, each, per_second, Path(home), stage.redis.url, ledger)
                    found.append(await _measured(plan))
                say(found[-1].told())
    return found


@dataclass(frozen=True)
class _Plan:
    """One mode's round."""

    mode: str
    chats: int
    each: int
    per_second: float
    home: Path
    redis_url: str
    ledger: LedgerProcess


async def _measured(plan: _Plan) -> TelegramFigures:
    ledger_url = f"http://{HOST}:{plan.ledger.port}"
    async with (
        _bot_api_class()() as telegram,
        AgentOpsClient(ledger_url, plan.ledger.admin_key) as ops,
        open_session_stream(plan.redis_url) as stream,
    ):
        everybody = await _people(ops, telegram, plan.chats)
        brain = asyncio.create_task(serve_turns(stream, _echo, brain="bench", slots=16))
        try:
            async with _gateway(plan, telegram, ledger_url) as gateway:
                await _talk(telegram, everybody, WARM_UP, plan.per_second)
                before, cpu_s = await gateway.ways(), gateway.cpu_s()
                await _talk(telegram, everybody, plan.chats * plan.each, plan.per_second)
                after, cpu_s = await gateway.ways(), gateway.cpu_s() - cpu_s
        finally:
            brain.cancel()
            with suppress(asyncio.CancelledError):
                await brain
    inward, outward = (Way.between(before[name], after[name]) for name in _WAYS)
    return TelegramFigures(plan.mode, plan.chats, inward, outward, cpu_s / (plan.chats * plan.each) * 1000)


def _bot_api_class() -> "type[BotApiServer]":
    try:
        from tests.botapi import BotApiServer
    except ImportError as error:
        raise PeersMissing(
            "The Bot API's stand-in is part of the tests: run this in a clone, after `make test` or with "
            "requirements-dev.lock installed."
        ) from error
    return BotApiServer


async def _people(ops: AgentOpsClient, telegram: "BotApiServer", count: int) -> "list[Person]":
    """So many, each known to the ledger, with a session of their own."""
    everybody = [telegram.person(f"Person {number}") for number in range(count)]
    for one in everybody:
        known = await ops.create_person(NewPerson(name=one.first_name, role=Role.MEMBER))
        await ops.add_contact(known.id, NewContact(channel="telegram", address=str(one.id), verified=True))
    return everybody


async def _echo(turn: Turn, say: Say) -> Reply:
    return Reply(
        session_id=turn.session_id,
        turn_id=turn.id,
        channel=turn.channel,
        address=turn.address,
        text=f"re: {turn.text}",
        at=datetime.now(UTC),
    )


async def _talk(
    telegram: "BotApiServer", everybody: "list[Person]", messages: int, per_second: float
) -> None:
    """Everybody in turn; ends when all are answered."""
    loop, answered = asyncio.get_running_loop(), len(telegram.sent)
    began = loop.time()
    for number in range(messages):
        await asyncio.sleep(max(0.0, began + number / per_second - loop.time()))
        await everybody[number % len(everybody)].says(f"message {number}")
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while len(telegram.sent) - answered < messages:  # noqa: ASYNC110 - a server that only remembers
                await asyncio.sleep(0.05)
    except TimeoutError:
        missing = messages - len(telegram.sent) + answered
        raise StartFailed(f"{missing} of {messages} messages were not answered.") from None


# --- the gateway and its figures


@dataclass
class _Gateway:
    url: str
    key: str
    process: asyncio.subprocess.Process
    _cpu: psutil.Process = field(init=False)

    def __post_init__(self) -> None:
        self._cpu = psutil.Process(self.process.pid)

    def cpu_s(self) -> float:
        times = self._cpu.cpu_times()
        return float(times.user + times.system)

    async def ways(self) -> dict[str, Buckets]:
        """The histograms as they stand."""
        async with httpx.AsyncClient(trust_env=False) as http:
            headers = {"Authorization": f"Bearer {self.key}"}
            answer = await http.get(f"{self.url}/api/v1/metrics", headers=headers)
        answer.raise_for_status()
        return {name: buckets_of(answer.text, name) for name in _WAYS}


@asynccontextmanager
async def _gateway(plan: _Plan, telegram: "BotApiServer", ledger_url: str) -> AsyncIterator[_Gateway]:
    """As `cos run gateway` makes it.

    Raises:
        StartFailed: It ended, or did not get ready.
    """
    log = plan.home / "logs" / f"gateway-{plan.mode}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    port = free_port()
    process = await processes.spawn(
        (sys.executable, "-P", "-m", "ops.runner", "gateway"),
        directory=plan.home,
        environment=_environment(plan, telegram, ledger_url, port),
        log=log,
    )
    try:
        gateway = _Gateway(f"http://{HOST}:{port}", plan.ledger.admin_key, process)
        if not await _takes_updates(gateway, telegram, plan.mode):
            raise StartFailed(f"The gateway did not start:\n{processes.tail(log)}")
        yield gateway
    finally:
        await processes.stop(process, (signal.SIGTERM, 10.0))


def _environment(plan: _Plan, telegram: "BotApiServer", ledger_url: str, port: int) -> dict[str, str]:
    called = {
        "TELEGRAM_WEBHOOK_URL": f"http://{HOST}:{port}/telegram/in",
        "TELEGRAM_WEBHOOK_SECRET": "a-secret-of-this-bench_0123456789",
    }
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "COS_HOME": str(plan.home),
        "REDIS_URL": plan.redis_url,
        "LEDGER_URL": ledger_url,
        "LEDGER_API_KEY": plan.ledger.admin_key,
        "GATEWAY_PORT": str(port),
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "TELEGRAM_API_BASE": telegram.base_url,
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "info"),
        "LOG_FORMAT": "json",
        **(called if plan.mode == "webhook" else {}),
    }


async def _takes_updates(gateway: _Gateway, telegram: "BotApiServer", mode: str) -> bool:
    wanted = "deleteWebhook" if mode == "polling" else "setWebhook"
    until = perf_counter() + _PATIENCE_S
    while gateway.process.returncode is None and perf_counter() < until:
        if any(call.method == wanted for call in telegram.calls):
            return True
        await asyncio.sleep(0.05)
    return False
