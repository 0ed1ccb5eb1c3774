"""The processes and the accounting of the soak: who is killed, and what became of each message."""

import asyncio
import os
import random
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from agentops import AgentOpsClient
from agentops.wire import NewContact, NewPerson, Role
from gateway.session.redis_stream import open_session_stream
from gateway.session.serving import Say, serve_turns
from gateway.session.turns import Reply, Turn
from gateway.telegram.parts import REPEAT_MARK
from tests.botapi import SAYING, BotApiServer, Person
from tests.botapi.faults import BadGateway, CutConnection, Fault, LoseAnswer, too_many_requests
from tests.botapi.records import Call
from tests.conformance.turns import a_reply
from tests.ports import free_port

_SHAKEN = {"getUpdates", "sendMessage", "sendChatAction", "setMessageReaction", "editMessageText"}
_TROUBLES: tuple[Fault, ...] = (too_many_requests(1), BadGateway(), CutConnection(), LoseAnswer())


class ShakyBotApi(BotApiServer):
    """Telegram on a bad day: one call in so many goes wrong, in every way there is."""

    def __init__(self, share: float, seed: int) -> None:
        super().__init__()
        self._share = share
        self._dice = random.Random(seed)  # noqa: S311 - a test's dice, the same each time
        self.spoiled: Counter[str] = Counter()
        self.carried_out = 0

    async def _carry_out(self, request: web.Request, call: Call) -> web.StreamResponse:
        if call.method in _SHAKEN and self._dice.random() < self._share:
            trouble = self._dice.choice(_TROUBLES)
            self.spoiled[f"{call.method} {type(trouble).__name__}"] += 1
            self.fail(call.method, trouble)
        self.carried_out += 1
        return await super()._carry_out(request, call)


@dataclass
class Mortal:
    """A process that is killed and started again."""

    name: str
    arguments: list[str]
    environment: Mapping[str, str]
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, *self.arguments, env={**os.environ, **self.environment}
        )

    async def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()


async def people(ops: AgentOpsClient, telegram: BotApiServer, count: int) -> list[Person]:
    """So many, let in and with a session each."""
    everybody = [telegram.person(f"Person {number}") for number in range(count)]
    for one in everybody:
        known = await ops.create_person(NewPerson(name=one.first_name, role=Role.MEMBER))
        await ops.add_contact(known.id, NewContact(channel="telegram", address=str(one.id), verified=True))
    return everybody


def gateway(mode: str, telegram: BotApiServer, redis_url: str, ledger_url: str, key: str) -> Mortal:
    """A gateway that polls this server, or is called by it: `polling`, `webhook`. It does not run yet."""
    port = free_port()
    called = {
        "TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}/telegram/hook",
        "TELEGRAM_WEBHOOK_SECRET": "a-secret-of-this-test_0123456789",
    }
    environment = {
        "REDIS_URL": redis_url,
        "LEDGER_URL": ledger_url,
        "LEDGER_API_KEY": key,
        "GATEWAY_PORT": str(port),
        "GATEWAY_LEASE_S": "3",
        "TELEGRAM_BOT_TOKEN": telegram.token,
        "TELEGRAM_API_BASE": telegram.base_url,
        "LOG_LEVEL": "error",
        **(called if mode == "webhook" else {}),
    }
    return Mortal("gateway", ["-P", "-m", "ops.runner", "gateway"], environment)


def chief(redis_url: str) -> Mortal:
    """A brain that repeats what it hears. It does not run yet."""
    return Mortal("chief", ["-m", "tests.acceptance.soak", redis_url], {})


@asynccontextmanager
async def running(one: Mortal) -> AsyncIterator[Mortal]:
    """Until the block ends, however often it was killed meanwhile."""
    await one.start()
    try:
        yield one
    finally:
        await one.kill()


@dataclass
class Account:
    """What the people of a soak wrote, and what they have on their screens."""

    telegram: BotApiServer
    asked: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    """Chat → what was written, in order."""
    _shown: dict[int, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    _read: int = 0
    """How many of the server's calls are in there: a long soak is asked many times for a second."""

    def screens(self) -> dict[int, list[str]]:
        """Chat → the bot's messages as they stand, oldest first."""
        news = self.telegram.calls[self._read :]
        self._read += len(news)
        for sent in news:
            if sent.method in SAYING and sent.chat_id is not None and sent.message_id is not None:
                self._shown[sent.chat_id][sent.message_id] = sent.text
        return {chat: [text for _, text in sorted(texts.items())] for chat, texts in self._shown.items()}

    def answers(self) -> dict[int, list[tuple[str, bool]]]:
        """Chat → the answered messages, each with whether it is marked as a possible repeat."""
        found: dict[int, list[tuple[str, bool]]] = defaultdict(list)
        for chat, texts in self.screens().items():
            for text in texts:
                mark = REPEAT_MARK.strip()
                marked = text.startswith(mark)
                words = text.removeprefix(mark).strip()
                if words.startswith("re: "):
                    found[chat].append((words.removeprefix("re: "), marked))
        return found

    def answered(self) -> int:
        """How many answers there are, repeats included."""
        return sum(map(len, self.answers().values()))

    def unanswered(self) -> list[str]:
        answers = self.answers()
        return [
            text
            for chat, texts in self.asked.items()
            for text in set(texts) - {words for words, _ in answers.get(chat, [])}
        ]


@dataclass(frozen=True)
class Verdict:
    """How a soak ended."""

    asked: int
    lost: int
    marked_repeats: int
    unmarked_repeats: int
    out_of_order: int
    """Chats in which the first answers came in another order than the messages."""


def verdict(account: Account) -> Verdict:
    """Judge what is on the screens."""
    answers = account.answers()
    marked = unmarked = disorder = 0
    for chat, texts in account.asked.items():
        firsts: list[str] = []
        for words, is_marked in answers.get(chat, []):
            if words not in firsts:
                firsts.append(words)
            elif is_marked:
                marked += 1
            else:
                unmarked += 1
        disorder += firsts != [text for text in texts if text in firsts]
    asked = sum(len(texts) for texts in account.asked.values())
    return Verdict(asked, len(account.unanswered()), marked, unmarked, disorder)


async def _echo(turn: Turn, say: Say) -> Reply:
    return a_reply(turn)


async def _brain(redis_url: str) -> None:
    async with open_session_stream(redis_url) as stream:
        await serve_turns(stream, _echo, brain=f"soak-{os.getpid()}", slots=16, lease_s=2)


if __name__ == "__main__":
    import logging

    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    asyncio.run(_brain(sys.argv[1]))
