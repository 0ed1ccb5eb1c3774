"""Browser sessions."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agentops.wire import MintedKey, Scope
from ui.sessions import LIFETIME, SessionStore

NOW = datetime(2030, 1, 1, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> SessionStore:
    return SessionStore(tmp_path / "ui", "secret", now=clock)


def key(expires_at: datetime | None = None) -> MintedKey:
    return MintedKey(
        id="k1",
        name="login",
        scope=Scope.ADMIN,
        expires_at=expires_at,
        revoked_at=None,
        last_used_at=None,
        created_at=NOW,
        secret="cos_top",
    )


def test_a_cookie_finds_its_session_and_does_not_hold_the_key(store: SessionStore) -> None:
    session, cookie = store.open(key())
    assert store.find(cookie) == session
    assert session.secret == "cos_top"
    assert "cos_top" not in cookie
    assert "cos_top" not in repr(session)


@pytest.mark.parametrize("forged", ["", "x", ".", "a.b", "{cookie}x", "x{cookie}", "ä.ö"])
def test_a_forged_cookie_finds_nothing(store: SessionStore, forged: str) -> None:
    _, cookie = store.open(key())
    assert store.find(forged.format(cookie=cookie)) is None


def test_no_cookie_finds_nothing(store: SessionStore) -> None:
    assert store.find(None) is None


def test_a_cookie_signed_with_another_secret_finds_nothing(store: SessionStore, tmp_path: Path) -> None:
    _, cookie = store.open(key())
    assert SessionStore(tmp_path / "ui", "another").find(cookie) is None


def test_sessions_survive_a_restart(store: SessionStore, tmp_path: Path, clock: Clock) -> None:
    session, cookie = store.open(key())
    assert SessionStore(tmp_path / "ui", "secret", now=clock).find(cookie) == session


def test_a_secret_of_its_own_survives_a_restart(tmp_path: Path) -> None:
    session, cookie = SessionStore(tmp_path).open(key())
    assert SessionStore(tmp_path).find(cookie) == session


def test_only_the_owner_may_read_what_is_kept(store: SessionStore, tmp_path: Path) -> None:
    store.open(key())
    assert stat.S_IMODE((tmp_path / "ui").stat().st_mode) == 0o700
    for file in (tmp_path / "ui").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_ended_session_is_gone(store: SessionStore) -> None:
    session, cookie = store.open(key())
    store.close(session.id)
    store.close(session.id)
    assert store.find(cookie) is None


def test_a_session_ends_after_its_time(store: SessionStore, clock: Clock) -> None:
    _, cookie = store.open(key())
    clock.now += LIFETIME
    assert store.find(cookie) is None


def test_a_session_ends_with_its_key(store: SessionStore, clock: Clock) -> None:
    _, cookie = store.open(key(expires_at=NOW + timedelta(hours=1)))
    clock.now += timedelta(hours=1)
    assert store.find(cookie) is None


def test_a_damaged_file_asks_to_sign_in_again_and_nothing_worse(tmp_path: Path) -> None:
    (tmp_path / "sessions.json").write_bytes(b"{\xff")
    assert SessionStore(tmp_path, "secret").find("a.b") is None
