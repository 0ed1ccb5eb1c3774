"""Brains for tests: serve_turns in this process, and in one that can be killed."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.session.orphans import process_name
from gateway.session.redis_stream import open_session_stream
from gateway.session.serving import Handle, Say, serve_turns
from gateway.session.stream import SessionStream
from gateway.session.turns import Reply, Turn
from tests.conformance.turns import a_reply


@asynccontextmanager
async def brain(
    stream: SessionStream, handle: Handle, *, name: str = "brain", slots: int = 4, lease_s: float = 15
) -> AsyncIterator[None]:
    """Serve turns beside the block."""
    task = asyncio.create_task(serve_turns(stream, handle, brain=name, slots=slots, lease_s=lease_s))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def stuck_brain_process(redis_url: str, lease_s: float) -> AsyncIterator[asyncio.subprocess.Process]:
    """Another process that takes turns and never answers; it prints a line for each."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, redis_url, str(lease_s)), stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _never_answer(turn: Turn, say: Say) -> Reply:
    await say("from the killed one")
    sys.stdout.write(f"{turn.id}\n")
    sys.stdout.flush()
    await asyncio.sleep(3600)
    return a_reply(turn)


async def _main(redis_url: str, lease_s: float) -> None:
    async with open_session_stream(redis_url) as stream:
        await serve_turns(stream, _never_answer, brain=process_name("stuck"), lease_s=lease_s)


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1], float(sys.argv[2])))
