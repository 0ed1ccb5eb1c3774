"""`cos run PART`: one part in this process, which is also what the supervisor and a container start."""

import asyncio
import gc
import importlib
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from ops import telemetry, tracing
from ops.errors import OpsError, SettingsUnusable
from ops.parts import PARTS
from ops.settings import OpsSettings, explained

POLL_S = 0.05


def run(name: str) -> None:
    """Run a part until it is told to stop.

    Raises:
        SettingsUnusable: a setting is missing or cannot be understood.
    """
    part = PARTS[name]
    with _nothing_is_garbage():
        settings = OpsSettings.read()
        telemetry.configure(name, level=settings.log_level, style=settings.log_format)
        own = _settings_of(f"{part.entry}.settings", part.settings)
        main = importlib.import_module(f"{part.entry}.main")
    if settings.await_ledger:
        _await((settings.ledger_url or settings.url("ledger")) + (PARTS["ledger"].ready_path or ""))
    with tracing.exported(name, settings), asyncio.Runner(loop_factory=fast_loop()) as runner:
        runner.run(main.serve(own))


@contextmanager
def _nothing_is_garbage() -> Iterator[None]:
    """Loading a part makes next to no garbage, and looking for it would take a quarter of that time.

    What was loaded stays for good, so it is set aside: a full collection would look through all of it while
    nobody is answered, for a tenth of a second and more.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _settings_of(module: str, name: str) -> object:
    try:
        return getattr(importlib.import_module(module), name)()
    except ValidationError as error:
        raise SettingsUnusable(explained(error)) from None


def _await(url: str) -> None:
    """Until `url` answers that all is well. Nothing else runs in this process yet, so it may block."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        try:
            with direct.open(url, timeout=2):
                return
        except OSError:
            time.sleep(POLL_S)


def fast_loop() -> Callable[[], asyncio.AbstractEventLoop]:
    """uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop


if __name__ == "__main__":
    try:
        run(sys.argv[1])
    except OpsError as failure:
        sys.exit(str(failure))
