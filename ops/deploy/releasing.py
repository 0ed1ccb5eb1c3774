"""Brings a release, part by part: each is well before the next is touched, or everything is put back."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx
import msgspec

from ops.deploy.place import Place
from ops.deploy.planning import Found, Step, step
from ops.deploy.sizes import Size, sized
from ops.deploy.wanted import wanted
from ops.errors import DeployFailed

ROUNDS = 2
"""A gateway needs the panel's address and the panel the gateway's: what is new takes a second round."""
EVERY_S = 1.0
"""How often a part is asked whether it is well."""
PUT_BACK_S = 600
"""How long one part may take to be as it was; what ran before needs no shorter patience than what did not."""
_ASK_S = 10
Tell = Callable[[str], None]


class Deployed(msgspec.Struct, frozen=True):
    """How it ended."""

    release: str
    changed: list[str]
    """Parts that were created or updated."""
    kept: list[str]
    addresses: dict[str, str]


@dataclass
class _Change:
    found: Found
    former: Found | None


@dataclass(frozen=True)
class Releasing:
    """One release on its way to one place."""

    place: Place
    told: Mapping[str, str]
    release: str
    tell: Tell

    async def plan(self) -> list[Step]:
        """What would be done, from what is known now.

        Raises:
            DeployFailed: Scaleway refuses.
            SettingsUnusable: A part lacks a variable.
        """
        running = await self.place.containers()
        return [self._step(part, size, running) for part, size in self._sizes().items()]

    async def run(self) -> Deployed:
        """Do it.

        Raises:
            DeployFailed: A part did not become well; what was changed is put back, or the text names it.
            SettingsUnusable: A part lacks a variable; nothing was changed.
        """
        await self.plan()
        running = await self.place.containers()
        done: dict[str, _Change] = {}
        try:
            for _ in range(ROUNDS):
                for part, size in self._sizes().items():
                    await self._bring(self._step(part, size, running), running, done)
        except DeployFailed as failed:
            left = await self._put_back(done)
            ended = f"Look after {', '.join(left)}." if left else "Everything is as it was before."
            raise DeployFailed(f"{str(failed).rstrip('.')}. {ended}") from failed
        return Deployed(
            release=self.release,
            changed=list(done),
            kept=[part for part in self._sizes() if part not in done],
            addresses={part: running[part].address for part in self._sizes()},
        )

    def _sizes(self) -> dict[str, Size]:
        return sized(self.place.settings.scale)

    def _step(self, part: str, size: Size, running: Mapping[str, Found]) -> Step:
        addresses = {name: found.address for name, found in running.items()}
        ought = wanted(part, size, self.told, self.place.settings, self.release, addresses)
        return step(ought, running.get(part))

    async def _bring(self, todo: Step, running: dict[str, Found], done: dict[str, _Change]) -> None:
        part = todo.wanted.part
        if todo.do == "keep":
            return
        self.tell(f"{part}: {todo.do} ({'; '.join(todo.because)})")
        if todo.found is None:
            changed = await self.place.create(todo.wanted)
            done[part] = _Change(changed, None)
        else:
            # Before the change: a failure in the middle of it is put back too.
            done.setdefault(part, _Change(todo.found, todo.found))
            changed = await self.place.update(todo.found.id, todo.wanted)
        try:
            async with asyncio.timeout(self.place.settings.timeout_s):
                running[part] = await self.place.settled(changed.id)
                await self._well(running[part], todo.wanted.size)
        except TimeoutError:
            limit = self.place.settings.timeout_s
            raise DeployFailed(f"{part} was not well within {limit:.0f} s; its log is in Cockpit.") from None

    async def _well(self, found: Found, size: Size) -> None:
        """Wait until it answers as what it ought to be."""
        async with httpx.AsyncClient(base_url=found.address, timeout=_ASK_S) as http:
            while True:
                try:
                    if (await http.get(size.health)).status_code == httpx.codes.OK:
                        return
                except httpx.TransportError:
                    pass  # it is on its way up
                await asyncio.sleep(EVERY_S)

    async def _put_back(self, done: Mapping[str, _Change]) -> list[str]:
        """The last one first; who could not be. That does not keep the others from it."""
        left = []
        for part, change in reversed(list(done.items())):
            self.tell(f"{part}: putting back")
            try:
                if change.former is None:
                    await self.place.remove(change.found.id)
                else:
                    await self.place.put_back(change.former)
                    async with asyncio.timeout(PUT_BACK_S):
                        await self.place.settled(change.former.id)
            except (DeployFailed, TimeoutError) as failed:
                self.tell(f"{part}: could not be put back: {failed}")
                left.append(part)
        return left
