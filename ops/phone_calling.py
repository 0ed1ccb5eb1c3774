"""`cos call`: be a caller, with wave files or a microphone, whose sound comes in as Twilio would carry it."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec
from websockets.exceptions import InvalidStatus

from agentops import AgentOpsClient
from agentops.wire import TurnRecord
from gateway.phone.settings import PhoneSettings
from ops.errors import PhoneUnusable
from ops.phone_calls import Instructions, Network, incoming
from ops.phone_devices import Devices, talk
from ops.phone_figures import Figures, Measured, Stages, figures_of, measured
from ops.phone_line import FarEnd
from ops.phone_waves import read_wave, silence_around, write_wave
from ops.remote import Remote

ANSWER_WITHIN_S = 30.0
_GREETING_WITHIN_S = 20.0
_QUIET_S = 1.0
_SOME_WORDS_S = 1.0
"""Of an answer, before it is spoken over: what is said sooner goes on with what was said before."""


class Said(msgspec.Struct, frozen=True):
    """One wave file that was spoken, and how it was answered."""

    file: str
    spoken_s: float
    answered_after_s: float | None
    """From its last sound to the first sound of the answer; None: there was none."""
    cleared_after_s: float | None = None
    """When the voice was spoken over: from the first sound to its silence."""
    turns: int | None = None
    """Answers that were heard to it, by the gateway; None: it does not tell."""
    stages: Stages | None = None
    """Where the wait went, by the gateway's own clock."""


class Called(msgspec.Struct, frozen=True):
    """How a call went."""

    call_id: str
    greeted_after_s: float | None
    said: list[Said]
    transcript: list[str]
    heard: str
    """The file with what the caller heard."""
    lasted_s: float
    turns: int | None = None
    """Answers that were heard in the whole call; None: the gateway does not tell."""
    stages: Stages | None = None
    """Their mean."""


@dataclass(frozen=True)
class Plan:
    """What is done in a call, in this order."""

    files: Sequence[Path]
    """Spoken one after the other; none: the microphone, until somebody hangs up."""
    pin: str = ""
    caller: str = ""
    verstat: str = "TN-Validation-Passed-A"
    over: bool = False
    """Speak over the answers instead of waiting for their end."""
    out: Path = Path("heard.wav")


async def call(
    remote: Remote | None, settings: PhoneSettings, gateway: str, session: str, plan: Plan
) -> Called:
    """Call, speak, listen, hang up.

    Args:
        remote: The installation that is called; None, of one to which there is no key: then there is no
            transcript, and nobody tells where the time went.
        settings: Its telephone's.
        gateway: Where it listens.
        session: The caller's.
        plan: What is done.

    Raises:
        PhoneUnusable: A file cannot be spoken, or the call is not let in; says why.
    """
    spoken = [(path.name, read_wave(path)) for path in plan.files]
    devices = None if spoken else Devices.found()
    network = _network(settings, gateway, settings.reached_at or (remote.panel if remote else gateway))
    fields = incoming(plan.caller or _owners(settings), settings.number, verstat=plan.verstat)
    told = await _rung(network, fields)
    began, clocks = time.monotonic(), _Clocks(gateway, remote.key if remote else "")
    async with _recorded(remote, session) as transcript:
        try:
            async with network.connected(told, fields["CallSid"]) as far:
                await clocks.look()
                if devices:
                    await _talked(far, devices, plan.pin)
                else:
                    await _greeted(far, plan.pin)
                said = [
                    await _spoken(far, clocks, name, sound, over=plan.over and place < len(spoken))
                    for place, (name, sound) in enumerate(spoken, 1)
                ]
                greeted = far.timeline.first_sound_after(0)
                write_wave(plan.out, far.timeline.sound())
                whole = await clocks.since_the_first_look()
        except InvalidStatus as refused:
            raise PhoneUnusable(
                f"The gateway refused the sound: HTTP {refused.response.status_code}."
            ) from None
    return Called(
        call_id=fields["CallSid"],
        greeted_after_s=greeted,
        said=said,
        transcript=transcript,
        heard=str(plan.out),
        lasted_s=round(time.monotonic() - began, 1),
        turns=whole.turns if whole else None,
        stages=whole.stages if whole else None,
    )


class _Clocks:
    """What the gateway has measured in this call, from look to look."""

    def __init__(self, gateway: str, key: str) -> None:
        self._gateway, self._key = gateway, key
        self._first: Figures | None = None
        self._last: Figures | None = None

    async def look(self) -> Measured | None:
        """What was added since the last look; None: it does not tell, or not of this call alone."""
        before, self._last = self._last, await self._figures()
        self._first = self._first or self._last
        return measured(before, self._last)

    async def since_the_first_look(self) -> Measured | None:
        """Of the whole call."""
        await self.look()
        return measured(self._first, self._last)

    async def _figures(self) -> Figures | None:
        try:
            return await figures_of(self._gateway, self._key) if self._key else None
        except httpx.HTTPError:
            return None


def _network(settings: PhoneSettings, gateway: str, public_url: str) -> Network:
    if not settings.connected or settings.auth_token is None:
        raise PhoneUnusable(
            "The installation has no telephone: set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and "
            "TWILIO_PHONE_NUMBER. To try it without an account any values will do: "
            f"TWILIO_ACCOUNT_SID=AC{'0' * 32} TWILIO_AUTH_TOKEN=secret TWILIO_PHONE_NUMBER=+14155550100"
        )
    token = settings.auth_token.get_secret_value()
    return Network(settings.account_sid, token, public_url.rstrip("/"), gateway)


def _owners(settings: PhoneSettings) -> str:
    if not settings.owner_numbers:
        raise PhoneUnusable("Who is calling? Give --from with a linked number, or set PHONE_OWNER_NUMBERS.")
    return min(settings.owner_numbers)


async def _rung(network: Network, fields: dict[str, str]) -> Instructions:
    try:
        told = await network.ring(fields)
    except httpx.HTTPStatusError as error:
        raise PhoneUnusable(
            f"The gateway refused the call (HTTP {error.response.status_code}): it knows another account, "
            "token or address. Run `cos call` with the same settings as the installation."
        ) from None
    except httpx.TransportError:
        raise PhoneUnusable(f"The gateway does not answer at {network.gateway}.") from None
    if not told.stream_url:
        raise PhoneUnusable(f"The call was not let in: “{told.said}”")
    return told


async def _talked(far: FarEnd, devices: Devices, pin: str) -> None:
    """By microphone, until the far end hangs up or somebody presses Ctrl-C."""
    over, loop = asyncio.Event(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, over.set)
    typing = asyncio.create_task(_greeted(far, pin))
    try:
        await talk(far, devices, over)
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        typing.cancel()
        await asyncio.gather(typing, return_exceptions=True)


async def _greeted(far: FarEnd, pin: str) -> None:
    """Until the greeting has been heard, and the PIN typed."""
    try:
        await far.until_it_spoke(after_s=0, within_s=_GREETING_WITHIN_S)
        if pin:
            typed_s = far.timeline.now_s
            await far.press(f"{pin}#")
            await far.until_it_spoke(after_s=typed_s, within_s=_GREETING_WITHIN_S)
    except TimeoutError:
        raise PhoneUnusable("The call was taken, and nothing was said.") from None


async def _spoken(far: FarEnd, clocks: _Clocks, name: str, sound: bytes, *, over: bool) -> Said:
    queued_s, cleared = far.timeline.now_s, len(far.cleared_at)
    lead_s, tail_s = silence_around(sound)
    said_s = await far.say(sound)
    began_s, ended_s = queued_s + lead_s, said_s - tail_s
    with suppress(TimeoutError):  # no answer, or one that is longer than anybody listens
        if over:
            await far.until_it_speaks(after_s=ended_s, within_s=ANSWER_WITHIN_S)
            await asyncio.sleep(_SOME_WORDS_S)
        else:
            await far.until_it_spoke(after_s=ended_s, quiet_s=_QUIET_S, within_s=ANSWER_WITHIN_S)
    answer_s = far.timeline.first_sound_after(ended_s)
    found = await clocks.look()
    return Said(
        file=name,
        spoken_s=round(ended_s - began_s, 2),
        answered_after_s=None if answer_s is None else round(answer_s - ended_s, 3),
        cleared_after_s=round(far.cleared_at[cleared] - began_s, 3)
        if len(far.cleared_at) > cleared
        else None,
        turns=found.turns if found else None,
        stages=found.stages if found else None,
    )


@asynccontextmanager
async def _recorded(remote: Remote | None, session: str) -> AsyncIterator[list[str]]:
    """A list that holds, after the block, what the ledger has of what was said in it."""
    transcript: list[str] = []
    if remote is None:
        yield transcript
        return
    async with AgentOpsClient(url=remote.ledger, api_key=remote.key) as ops:
        before = await _last(ops, session)
        yield transcript
        transcript += await _transcript(ops, session, before)


async def _last(ops: AgentOpsClient, session: str) -> int:
    turns = (await ops.list_turns(session, limit=1)).items
    return turns[-1].seq if turns else 0


async def _transcript(ops: AgentOpsClient, session: str, after: int) -> list[str]:
    await asyncio.sleep(0.5)  # the last words are on their way to the record
    turns = (await ops.list_turns(session, after=after, limit=200)).items
    return [_line(turn) for turn in turns]


def _line(turn: TurnRecord) -> str:
    return f"{turn.role}: {turn.text}"
