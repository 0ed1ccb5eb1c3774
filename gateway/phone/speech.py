"""The voice's engines, opened once a process: at the first call, or at the start where a telephone is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from voice.speech import Speech

log = structlog.get_logger(__name__)


class Engines:
    """Ears and mouth for all calls of this process."""

    def __init__(self) -> None:
        self._wanted = asyncio.Event()
        self._opening: asyncio.Future[Speech] | None = None

    def warm_up(self) -> "asyncio.Future[Speech]":
        """Begin to open them, for the first caller not to wait."""
        if self._opening is None:
            self._opening = asyncio.get_running_loop().create_future()
            self._opening.add_done_callback(_seen)
            self._wanted.set()
        return self._opening

    async def ready(self) -> "Speech":
        """The engines; opens them if nobody has.

        Raises:
            VoiceError: They cannot be had on this machine; the message says what is missing.
        """
        return await asyncio.shield(self.warm_up())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Opens and closes them beside the block, in one task of their own."""
        task = asyncio.create_task(self._keep(), name="speech")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _keep(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await self._hold()
            except Exception as error:
                log.exception("speech.not_opened")
                if self._opening is not None and not self._opening.done():
                    self._opening.set_exception(error)
                self._opening = None  # the next call tries again

    async def _hold(self) -> None:
        # Here, because it brings pipecat and the models with it.
        from voice.settings import VoiceSettings
        from voice.speech import open_speech

        async with open_speech(VoiceSettings()) as speech:
            if self._opening is not None and not self._opening.done():
                self._opening.set_result(speech)
            log.info("speech.ready")
            await asyncio.Event().wait()


def _seen(opening: "asyncio.Future[Speech]") -> None:
    """A failure that nobody waited for is in the log already."""
    if not opening.cancelled():
        opening.exception()
