"""A hundred people at once on one chief, through the session stream."""

import asyncio
from collections import defaultdict
from contextlib import suppress

from brain.offline.dialogue import read
from brain.offline.model import OfflineModel, speech_events
from gateway.session.memory import MemorySessionStream
from gateway.session.serving import Say, serve_turns
from gateway.session.turns import Reply, Turn
from tests.unit.brain.chief.conftest import MakeTalk
from tests.waiting import eventually

SESSIONS, TURNS = 100, 3


class Parrot(OfflineModel):
    """Says everything that it was ever told in this conversation, in order."""

    async def stream(self, messages, *_, **__):  # type: ignore[no-untyped-def]
        dialogue = read(messages)
        said = [one.text for one in (*dialogue.before, dialogue.now) if one.by_person]
        await asyncio.sleep(0)
        for event in speech_events(" ".join(said)):
            yield event


async def test_a_hundred_sessions_keep_their_order_and_their_memories_apart(
    talk: MakeTalk,
) -> None:
    # Fewer conversations in memory than sessions, so that some are read again from the ledger in between.
    chief, stream = talk(Parrot(), cached_sessions=60).chief, MemorySessionStream()
    said: dict[str, list[str]] = defaultdict(list)

    async def answer(turn: Turn, say: Say) -> Reply:
        reply = await chief.answer(turn, say)
        said[turn.session_id].append(reply.text)
        return reply

    serving = asyncio.create_task(serve_turns(stream, answer, brain="b", slots=16, noted=chief.note))
    for turn in range(TURNS):
        for number in range(SESSIONS):
            await stream.append(talk(Parrot(), session=f"s{number}").turn(f"s{number}.{turn}"))
    await eventually(
        lambda: sum(len(texts) for texts in said.values()) == SESSIONS * TURNS, timeout_s=120, every_s=0.05
    )
    serving.cancel()
    with suppress(asyncio.CancelledError):
        await serving

    for number in range(SESSIONS):
        words = [f"s{number}.{turn}" for turn in range(TURNS)]
        assert said[f"s{number}"] == [" ".join(words[: upto + 1]) for upto in range(TURNS)]
