"""The whole system as `cos up` starts it, to be measured from outside: offline model, and a telephone."""

import asyncio
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from agentops import AgentOpsClient
from gateway.phone.settings import PhoneSettings
from ops.bench import stage
from ops.bench.voice_speakers import PHRASES, synthetic
from ops.embedded import processes
from ops.embedded.postgres import EmbeddedPostgres
from ops.embedded.redis import EmbeddedRedis
from ops.errors import PhoneUnusable, StartFailed
from ops.launcher import Up
from ops.phone_calling import Called, Plan, call
from ops.phone_line import RATE_HZ
from ops.phone_waves import write_wave
from ops.remote import Remote
from voice.sound import resampled, to_bytes

_START_S = 180.0
_LOADED_S = 120.0
_ADA = "+14155550101"
_RUN = "from ops.cli import main; main()"


@dataclass(frozen=True)
class Whole:
    """A running one."""

    home: Path
    up: Up
    telephone: PhoneSettings
    dsn: str
    redis: str

    def ops(self) -> AgentOpsClient:
        """Its ledger, as one who may do everything."""
        return AgentOpsClient(self.up.ledger, self.up.admin_key)

    async def called(self, waves: Sequence[Path]) -> Called:
        """A call in which these are said, each after the answer to the one before.

        Raises:
            PhoneUnusable: It is not taken, also after a while: just after its start there are no ears yet.
        """
        remote = Remote(self.up.ledger, self.up.chief, self.up.panel, self.up.admin_key, None)
        plan = Plan(files=waves, out=self.home / "heard.wav")
        clock = asyncio.get_running_loop().time
        until = clock() + _LOADED_S
        while True:
            try:
                return await call(remote, self.telephone, self.up.gateway, "main", plan)
            except PhoneUnusable:
                if clock() > until:
                    raise
            await asyncio.sleep(1)

    async def spoken(self, phrases: int) -> list[Path]:
        """Wave files of what people say."""
        paths = [self.home / f"said-{number}.wav" for number in range(phrases)]
        clips = await asyncio.to_thread(synthetic, PHRASES[:phrases])
        for path, clip in zip(paths, clips, strict=True):
            sound = to_bytes(resampled(clip.sound, clip.sample_rate_hz, RATE_HZ))
            write_wave(path, np.frombuffer(sound, dtype=np.int16))
        return paths


@asynccontextmanager
async def opened(home: Path) -> AsyncIterator[Whole]:
    """All parts over `home`, with every promise of durability on.

    Raises:
        StartFailed: It did not get ready.
    """
    told = _settings()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-c", _RUN, "up", "--json", "--home", str(home)),
        cwd=home.parent,
        env={**{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}, **told},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None  # noqa: S101  (it is a pipe)
        line = await asyncio.wait_for(process.stdout.readline(), _START_S)
        if not line:
            raise StartFailed(f"`cos up` ended with {await process.wait()}; see {home / 'logs'}.")
        up = msgspec.json.decode(line, type=Up)
        phone = PhoneSettings.model_validate(told)
        yield Whole(home, up, phone, EmbeddedPostgres(home).attach().dsn, EmbeddedRedis(home).attach().url)
    finally:
        await processes.stop(process, (signal.SIGTERM, 30.0))


def _settings() -> dict[str, str]:
    ports = {f"{part}_PORT": str(stage.free_port()) for part in ("LEDGER", "CHIEF", "GATEWAY", "UI")}
    return {
        **ports,
        "COS_MODEL": "offline",
        "LOG_LEVEL": "warning",
        "TWILIO_ACCOUNT_SID": f"AC{secrets.token_hex(16)}",
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_PHONE_NUMBER": "+14155550100",
        "TWILIO_API_BASE": "http://127.0.0.1:9",
        "PHONE_PUBLIC_URL": "https://phone.example",
        "PHONE_OWNER_NUMBERS": _ADA,
        "PHONE_PIN_WHEN": "unattested",
    }
