"""A caller who says nothing is asked whether they are there, and then let go."""

import asyncio

from voice.options import CallOptions
from voice.pipeline.talker import Talker
from voice.port import EndedBy, SpokenKind


async def watch_silence(talker: Talker, options: CallOptions) -> None:
    """Run beside a call; ends when it has said goodbye."""
    asked, turns = 0, 0
    while True:
        await talker.at_rest.wait()
        turns, asked = talker.turns, (asked if talker.turns == turns else 0)
        if await _disturbed(talker, options.silence_s):
            continue
        if asked == options.prompts_before_hang_up:
            talker.end_after(options.phrases.silence_farewell, EndedBy.SILENCE)
            return
        asked += 1
        talker.say(SpokenKind.FILLER, options.phrases.are_you_there)


async def _disturbed(talker: Talker, within_s: float) -> bool:
    """Whether anybody spoke."""
    loop = asyncio.get_running_loop()
    until = loop.time() + within_s
    while loop.time() < until:
        await asyncio.sleep(min(0.25, max(0.0, until - loop.time())))
        if not talker.at_rest.is_set():
            return True
    return False
