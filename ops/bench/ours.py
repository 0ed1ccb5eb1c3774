"""The ledger, over HTTP, as a worker uses it."""

import asyncio
import itertools
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence

import msgspec
import websockets

from agentops.wire import Complete, CompleteItem, Settle, TaskId
from ops.bench.contender import BATCHES, CONCURRENCY, Contender
from ops.bench.lane import Lane, Lanes
from ops.bench.stage import LedgerProcess

AGENT = "bench"
RESULT = {"n": 1}


class _Task(msgspec.Struct, frozen=True):
    id: TaskId


class _Claim(msgspec.Struct, frozen=True):
    task: _Task
    epoch: int


class _Outcome(msgspec.Struct, frozen=True):
    done: bool


class _Settled(msgspec.Struct, frozen=True):
    """What this worker reads of `agentops.wire.Settled`."""

    outcomes: list[_Outcome]
    claims: list[_Claim]


class Ledger(Contender):
    includes = (
        "HTTP, key check, idempotency key with stored answer, lease, attempt and fencing, an event a change; "
        "a result and the next claim in one request, as a worker sends them"
    )
    batches = True

    def __init__(self, process: LedgerProcess, name: str = "ledger") -> None:
        self.name = name
        self.process = process
        self._run = secrets.token_hex(4)
        self._numbers = itertools.count()

    def _key(self) -> str:
        return f"{self._run}-{next(self._numbers)}"

    async def _each(self, work: Callable[[Lane], Awaitable[None]]) -> None:
        """The same work on every lane, until each says that it is done."""
        connected = Lanes(self.process.address, self.process.admin_key, CONCURRENCY)
        async with connected as lanes, asyncio.TaskGroup() as group:
            for lane in lanes:
                group.create_task(_completely(work(lane)))

    async def create(self, count: int) -> None:
        left = itertools.repeat(None, count)

        async def produce(lane: Lane) -> None:
            for _ in left:
                await lane.post("/tasks", {"title": "Count the boxes", "context": {"n": 1}}, key=self._key())

        await self._each(produce)

    async def work(self, count: int) -> None:
        left = itertools.repeat(None, count)

        async def consume(lane: Lane) -> None:
            held: list[_Claim] = []
            for _ in left:
                held = (await self._settled(lane, held, 1)).claims
                if not held:
                    raise AssertionError("there are too few tasks")
            for claim in held:
                body = Complete(epoch=claim.epoch, result=RESULT)
                await lane.post(f"/tasks/{claim.task.id}/complete", body, key=self._key())

        await self._each(consume)

    async def _settled(self, lane: Lane, held: Sequence[_Claim], n: int) -> _Settled:
        """Hands in what is held and takes up to `n`."""
        items = [CompleteItem(one.task.id, one.epoch, RESULT) for one in held]
        wish = Settle(agent=AGENT, n=n, items=items)
        settled: _Settled = await lane.post_for(_Settled, "/tasks/settle", wish, key=self._key())
        if not all(one.done for one in settled.outcomes):
            raise AssertionError("a result was not taken")
        return settled

    async def work_in_batches(self, count: int, size: int) -> None:
        done = await self.drain(size)
        if done != count:
            raise AssertionError(f"{done} of {count} were done")

    async def drain(self, size: int = BATCHES[0]) -> int:
        """Takes and finishes whatever waits, in batches; how much that was."""
        done = 0

        async def consume(lane: Lane) -> None:
            nonlocal done
            held: list[_Claim] = []
            while True:
                settled = await self._settled(lane, held, size)
                done += len(settled.outcomes)
                held = settled.claims
                if not held:
                    return

        await self._each(consume)
        return done

    async def pickup(self, count: int) -> list[float]:
        host, port = self.process.address
        headers = {"Authorization": f"Bearer {self.process.admin_key}"}
        address = f"ws://{host}:{port}/api/v1/events/stream?types=task.created"
        async with (
            Lanes(self.process.address, self.process.admin_key, 2) as (producer, worker),
            websockets.connect(address, additional_headers=headers, proxy=None) as socket,
        ):
            return [await self._picked_up(producer, worker, socket) for _ in range(count)]

    async def _picked_up(self, producer: Lane, worker: Lane, socket: websockets.ClientConnection) -> float:
        began = time.perf_counter()

        async def take() -> float:
            while True:
                await socket.recv()
                got = await worker.post("/tasks/claim-next", {"agent": AGENT, "n": 1}, key=self._key())
                if got["claims"]:
                    took = time.perf_counter() - began
                    (claim,) = got["claims"]
                    path = f"/tasks/{claim['task']['id']}/complete"
                    await worker.post(path, {"epoch": claim["epoch"]}, key=self._key())
                    return took

        taking = asyncio.create_task(take())
        await producer.post("/tasks", {"title": "Count the boxes"}, key=self._key())
        return await taking


async def _completely(work: Awaitable[None]) -> None:
    await work
