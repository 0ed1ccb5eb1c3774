"""`cos call`: be a caller, with wave files or a microphone, whose sound comes in as Twilio would carry it."""

import asyncio
import signal
import time
import wave
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec
import numpy as np
from websockets.exceptions import InvalidStatus

from agentops import AgentOpsClient
from agentops.wire import TurnRecord
from gateway.phone.settings import PhoneSettings
from ops.errors import PhoneUnusable
from ops.phone_calls import Instructions, Network, incoming
from ops.phone_devices import Devices, talk
from ops.phone_line import RATE_HZ, FarEnd
from ops.remote import Remote
from voice.port import Encoding
from voice.sound import from_pcm16, resampled, to_bytes, to_samples

ANSWER_WITHIN_S = 30.0
LONGEST_S = 120.0
_GREETING_WITHIN_S = 20.0
_QUIET_S = 1.0


class Said(msgspec.Struct, frozen=True):
    """One wave file that was spoken, and how it was answered."""

    file: str
    spoken_s: float
    answered_after_s: float | None
    """From its last sound to the first sound of the answer; None: there was none."""
    cleared_after_s: float | None = None
    """When the voice was spoken over: from the first sound to its silence."""


class Called(msgspec.Struct, frozen=True):
    """How a call went."""

    call_id: str
    greeted_after_s: float | None
    said: list[Said]
    transcript: list[str]
    heard: str
    """The file with what the caller heard."""
    lasted_s: float


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


async def call(remote: Remote, settings: PhoneSettings, gateway: str, session: str, plan: Plan) -> Called:
    """Call, speak, listen, hang up.

    Raises:
        PhoneUnusable: A file cannot be spoken, or the call is not let in; says why.
    """
    spoken = [(path.name, read_wave(path)) for path in plan.files]
    devices = None if spoken else Devices.found()
    network = _network(settings, gateway, settings.reached_at or remote.panel)
    fields = incoming(plan.caller or _owners(settings), settings.number, verstat=plan.verstat)
    told = await _rung(network, fields)
    began = time.monotonic()
    async with AgentOpsClient(url=remote.ledger, api_key=remote.key) as ops:
        before = await _last(ops, session)
        try:
            async with network.connected(told, fields["CallSid"]) as far:
                if devices:
                    await _talked(far, devices, plan.pin)
                else:
                    await _greeted(far, plan.pin)
                said = [await _spoken(far, name, sound, over=plan.over) for name, sound in spoken]
                greeted = far.timeline.first_sound_after(0)
                write_wave(plan.out, far.timeline.sound())
        except InvalidStatus as refused:
            raise PhoneUnusable(
                f"The gateway refused the sound: HTTP {refused.response.status_code}."
            ) from None
        transcript = await _transcript(ops, session, before)
    return Called(
        call_id=fields["CallSid"],
        greeted_after_s=greeted,
        said=said,
        transcript=transcript,
        heard=str(plan.out),
        lasted_s=round(time.monotonic() - began, 1),
    )


def read_wave(path: Path) -> bytes:
    """A wave file as the telephone carries it: µ-law, 8 kHz.

    Raises:
        PhoneUnusable: It is none of 16 bit, or too long.
    """
    try:
        with wave.open(str(path)) as file:
            channels, width, rate, frames = file.getparams()[:4]
            if width != 2 or frames > rate * LONGEST_S or not frames:
                raise PhoneUnusable(
                    f"{path}: a wave file of 16 bit and at most {LONGEST_S:.0f} seconds, please."
                )
            samples = to_samples(file.readframes(frames)).reshape(-1, channels).mean(axis=1)
    except (OSError, EOFError, wave.Error) as error:
        raise PhoneUnusable(f"{path} cannot be read as a wave file: {error}") from None
    return from_pcm16(to_bytes(resampled(samples.astype(np.float32), rate, RATE_HZ)), Encoding.MULAW)


def write_wave(path: Path, sound: "np.ndarray[tuple[int, ...], np.dtype[np.int16]]") -> None:
    """What was heard, 16 bit at 8 kHz."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(sound.astype("<i2").tobytes())


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


async def _spoken(far: FarEnd, name: str, sound: bytes, *, over: bool) -> Said:
    began_s, cleared = far.timeline.now_s, len(far.cleared_at)
    ended_s = await far.say(sound)
    with suppress(TimeoutError):  # no answer, or one that is longer than anybody listens
        quiet_s = 0.0 if over else _QUIET_S
        await far.until_it_spoke(after_s=ended_s, quiet_s=quiet_s, within_s=ANSWER_WITHIN_S)
    answer_s = far.timeline.first_sound_after(ended_s)
    return Said(
        file=name,
        spoken_s=round(ended_s - began_s, 2),
        answered_after_s=None if answer_s is None else round(answer_s - ended_s, 3),
        cleared_after_s=round(far.cleared_at[cleared] - began_s, 3)
        if len(far.cleared_at) > cleared
        else None,
    )


async def _last(ops: AgentOpsClient, session: str) -> int:
    turns = (await ops.list_turns(session, limit=1)).items
    return turns[-1].seq if turns else 0


async def _transcript(ops: AgentOpsClient, session: str, after: int) -> list[str]:
    await asyncio.sleep(0.5)  # the last words are on their way to the record
    turns = (await ops.list_turns(session, after=after, limit=200)).items
    return [_line(turn) for turn in turns]


def _line(turn: TurnRecord) -> str:
    return f"{turn.role}: {turn.text}"
