"""One supervisor a COS_HOME; keys that are made once; ports that are seen to be free."""

import os
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from ops import keys, ports
from ops.errors import AlreadyRunning, DataUnusable, PortTaken
from ops.runstate import Home, Running, RunState


def state(supervisor: Running, **parts: Running) -> RunState:
    """A note of what runs."""
    return RunState(supervisor=supervisor, panel="p", ledger="l", chief="c", gateway="g", parts=parts)


def sleeping() -> subprocess.Popen[bytes]:
    """Another program."""
    return subprocess.Popen(["sleep", "600"])


def test_a_home_has_one_supervisor(tmp_path: Path) -> None:
    with Home(tmp_path).held(), pytest.raises(AlreadyRunning, match=str(tmp_path)), Home(tmp_path).held():
        pass
    with Home(tmp_path).held():
        pass


def test_what_runs_can_be_read_while_its_supervisor_lives(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(state(Running.of(os.getpid())))
    found = home.read()
    assert found is not None
    assert found.panel == "p"
    home.write(state(Running(os.getpid(), started=1.0)))
    assert home.read() is None


def test_a_damaged_note_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "running.json").write_text("{")
    assert Home(tmp_path).read() is None


async def test_parts_left_behind_are_stopped_and_strangers_are_not(tmp_path: Path) -> None:
    with sleeping() as left_behind, sleeping() as stranger:
        home = Home(tmp_path)
        stale = Running(stranger.pid, started=1.0)
        home.write(state(Running(1, started=1.0), ledger=Running.of(left_behind.pid), chief=stale))
        await home.clear()
        assert left_behind.wait(timeout=5) != 0
        assert stranger.poll() is None
        stranger.kill()


def test_keys_are_made_once_and_are_private(tmp_path: Path) -> None:
    made = keys.load_or_make(tmp_path)
    assert keys.load_or_make(tmp_path) == made
    assert len({made.admin, made.agent, made.reader, made.ui_storage}) == 4
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


def test_damaged_keys_are_named(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{}")
    with pytest.raises(DataUnusable, match=r"keys\.json"):
        keys.load_or_make(tmp_path)


def test_a_taken_port_is_named_with_its_holder() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"{port} \(ledger, by .*process {os.getpid()}\).*--base-port"):
            ports.demand_free("127.0.0.1", {"ledger": port})
    ports.demand_free("127.0.0.1", {"ledger": port})
