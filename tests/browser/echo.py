"""A real gateway, and a brain behind it that repeats what it was told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import SecretStr

from agentops import AgentOpsClient
from agentops.wire import ArtifactId, NewTurn
from gateway.main import opened
from gateway.session.redis_client import open_redis
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.serving import Say, serve_turns
from gateway.session.turns import Reply, Turn
from gateway.settings import GatewaySettings
from gateway.telegram.settings import TelegramSettings
from tests.ledger_fixtures import ADMIN_KEY


@dataclass
class Echo:
    """Answers every turn with its own words; waits for `go` when a test wants to look in between."""

    ops: AgentOpsClient
    go: asyncio.Event = field(default_factory=asyncio.Event)
    said_half: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, turn: Turn, say: Say) -> Reply:
        """As the chief does: record the turn, say the answer in pieces, record it, return it whole."""
        await self._record(turn.id, "person", turn.text, [file.artifact_id for file in turn.attachments])
        text = f"You said **{turn.text}**"
        await say("You ")
        await say("said ")
        self.said_half.set()
        await self.go.wait()
        reply = Reply(
            session_id=turn.session_id,
            turn_id=turn.id,
            channel=turn.channel,
            address=turn.address,
            text=text,
            at=datetime.now(UTC),
        )
        await self._record(reply.id, "chief", text, [])
        return reply

    async def _record(self, turn_id: str, role: str, text: str, files: list[str]) -> None:
        attachments = [ArtifactId(file) for file in files]
        turn = NewTurn(id=turn_id, role=role, channel="web", text=text, attachments=attachments)
        await self.ops.record_turn("main", turn)


@asynccontextmanager
async def echoing_gateway(ledger_url: str, redis_url: str, port: int) -> AsyncIterator[Echo]:
    """A gateway at `port` with an echo behind it."""
    settings = GatewaySettings.model_validate(
        {
            "REDIS_URL": SecretStr(redis_url),
            "LEDGER_URL": ledger_url,
            "LEDGER_API_KEY": SecretStr(ADMIN_KEY),
            "GATEWAY_PORT": port,
        }
    )
    async with (
        AgentOpsClient(ledger_url, ADMIN_KEY) as ops,
        open_redis(redis_url) as redis,
        opened(settings, TelegramSettings()),
    ):
        echo = Echo(ops)
        echo.go.set()
        brain = asyncio.create_task(
            serve_turns(RedisSessionStream(redis), echo.answer, brain="echo", slots=1)
        )
        try:
            yield echo
        finally:
            brain.cancel()
            await asyncio.wait([brain])
