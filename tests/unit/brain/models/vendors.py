"""Every provider that is supported, in front of a local server that speaks its protocol."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from agentops import AgentOpsClient
from agentops.testing import FakeLedger
from brain.chief.answering import Chief, Minds
from brain.models import Mind, mind
from brain.offline.model import OfflineModel, local_time
from brain.settings import ModelSettings
from gateway.session.turns import Reply, SessionId, Turn, TurnId
from tests.modelapi import Dialect, ModelApi
from tests.modelapi.dialects import ANTHROPIC, BEDROCK, GEMINI, OLLAMA, OPENAI

KEY = "sk-very-secret-0123456789"


@dataclass(frozen=True)
class Vendor:
    """A provider, the protocol it speaks, and the settings that lead to a local server."""

    name: str
    dialect: Dialect
    settings: Callable[[str], dict[str, Any]]
    has_key: bool = True

    def __str__(self) -> str:
        return self.name


VENDORS = (
    Vendor("anthropic", ANTHROPIC, lambda url: {"anthropic_base_url": url, "anthropic_api_key": KEY}),
    Vendor("openai", OPENAI, lambda url: {"openai_base_url": f"{url}/v1", "openai_api_key": KEY}),
    Vendor("openrouter", OPENAI, lambda url: {"openrouter_base_url": f"{url}/v1", "openrouter_api_key": KEY}),
    Vendor("groq", OPENAI, lambda url: {"groq_base_url": f"{url}/v1", "groq_api_key": KEY}),
    Vendor("llamacpp", OPENAI, lambda url: {"llamacpp_base_url": url}, has_key=False),
    Vendor("gemini", GEMINI, lambda url: {"gemini_base_url": url, "gemini_api_key": KEY}),
    Vendor("ollama", OLLAMA, lambda url: {"ollama_host": url}, has_key=False),
    Vendor("bedrock", BEDROCK, lambda url: {"bedrock_endpoint_url": url, "bedrock_api_key": KEY}),
)


def settings_for(vendor: Vendor, api: ModelApi, **more: Any) -> ModelSettings:
    """Settings under which a provider's model is the one of `api`."""
    values = {"model": f"{vendor.name}:m", **vendor.settings(api.url), **more}
    return ModelSettings(_env_file=None, **values)  # type: ignore[call-arg]


async def at_once(seconds: float) -> None:
    """Instead of waiting between two tries."""


@dataclass
class Person:
    """Talks with a chief that thinks with the model under test, over a ledger in memory."""

    chief: Chief
    ops: AgentOpsClient
    chunks: list[str] = field(default_factory=list)
    turns: int = 0

    async def says(self, text: str) -> Reply:
        self.turns += 1
        return await self.chief.answer(
            Turn(
                id=TurnId(f"t-{self.turns}"),
                session_id=SessionId("s"),
                channel="web",
                address="browser",
                external_id=str(self.turns),
                text=text,
                received_at=datetime.now(UTC),
            ),
            self._hear,
        )

    async def titles(self) -> list[str]:
        """Of the tasks in the ledger."""
        return [task.title for task in (await self.ops.list_tasks()).items]

    async def _hear(self, chunk: str) -> None:
        self.chunks.append(chunk)


def chief_with(found: Mind, ops: AgentOpsClient) -> Chief:
    minds = Minds(
        talking=found.model,
        commands=OfflineModel(introduces_itself=False),
        name=found.name,
        prompt="Be brief.",
    )
    return Chief(ops, minds, local_time, cached_sessions=2, turn_timeout_s=30)


@asynccontextmanager
async def person_with(settings: ModelSettings) -> AsyncIterator[Person]:
    """Somebody who talks with the model that the settings choose."""
    async with FakeLedger().client() as ops:
        person = Person(chief_with(mind(settings, sleep=at_once), ops), ops)
        yield person
        await person.chief.settled()
