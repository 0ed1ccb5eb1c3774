"""Browser sessions: an opaque signed cookie on the browser's side, the person's ledger key on ours.

The key never reaches the browser. The cookie's token is kept as its hash only, and is another one every
hour: a copied cookie soon opens nothing. Sessions survive a restart of the panel in one file that nobody
else may read.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import structlog

from agentops.wire import MintedKey

log = structlog.get_logger(__name__)

COOKIE = "cos_session"
LIFETIME = timedelta(days=30)
MAX_SESSIONS = 200
RENEWED_AFTER = timedelta(hours=1)
GRACE = timedelta(minutes=2)
"""So long the token before still opens: tabs that were loading while it changed hold it."""


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One signed-in browser."""

    id: str
    token: str
    """SHA-256 of the cookie's token, hex."""
    token_at: datetime
    """Since when it is this one."""
    before: str = ""
    """SHA-256 of the token before; it opens until `GRACE` after `token_at`."""
    key_id: str
    key_name: str
    secret: str
    """The ledger key that the person acts with."""
    expires_at: datetime

    def __repr__(self) -> str:
        return f"Session({self.id[:8]}, {self.key_name})"


class SessionStore:
    """All sessions of this panel, kept in `folder`.

    Args:
        folder: made with mode 0700 when missing.
        signing_secret: signs cookies; empty means one that is made once and kept in `folder`.
        now: the clock.
    """

    def __init__(
        self,
        folder: Path,
        signing_secret: str = "",
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._folder = folder
        self._now = now
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        self._file = folder / "sessions.json"
        self._signing_secret = (signing_secret or self._own_secret()).encode()
        self._sessions = self._load()
        self._fresh_cookies: dict[str, str] = {}
        """By session, for those who come with the token before while it still opens."""

    def open(self, key: MintedKey) -> tuple[Session, str]:
        """Begin a session for a key that a login has bought; returns it and its cookie's value."""
        token = secrets.token_urlsafe(32)
        end = self._now() + LIFETIME
        session = Session(
            id=secrets.token_hex(16),
            token=_digest(token),
            token_at=self._now(),
            key_id=key.id,
            key_name=key.name,
            secret=key.secret,
            expires_at=min(end, key.expires_at) if key.expires_at else end,
        )
        self._sessions[session.id] = session
        self._prune()
        self._save()
        return session, self.signed(token)

    def find(self, cookie: str | None) -> Session | None:
        """The living session of a cookie; None for a missing, forged, replaced or expired one."""
        token = self.unsigned(cookie)
        digest = _digest(token) if token else ""
        for session in self._sessions.values() if token else ():
            if session.token == digest or (session.before == digest and self._in_grace(session)):
                return self.get(session.id)
        return None

    def renewed(self, session: Session) -> str | None:
        """A new cookie for a session whose token is old; None when the one that it has will do."""
        if self._in_grace(session) and session.before:
            return self._fresh_cookies.get(session.id)
        if self._now() - session.token_at < RENEWED_AFTER:
            return None
        token = secrets.token_urlsafe(32)
        self._sessions[session.id] = msgspec.structs.replace(
            session, token=_digest(token), token_at=self._now(), before=session.token
        )
        self._save()
        self._fresh_cookies[session.id] = self.signed(token)
        return self._fresh_cookies[session.id]

    def _in_grace(self, session: Session) -> bool:
        return self._now() - session.token_at < GRACE

    def get(self, session_id: str) -> Session | None:
        """The living session with this id."""
        session = self._sessions.get(session_id)
        return session if session and session.expires_at > self._now() else None

    def close(self, session_id: str) -> None:
        """End a session; ending it twice changes nothing."""
        self._fresh_cookies.pop(session_id, None)
        if self._sessions.pop(session_id, None):
            self._save()

    def signed(self, text: str) -> str:
        """What a browser may keep for us, so that it cannot change it."""
        return f"{text}.{self._signature(text)}"

    def unsigned(self, value: str | None) -> str:
        """The text of what `signed` made; empty for anything else."""
        text, _, signature = (value or "").rpartition(".")
        good = hmac.compare_digest(signature.encode(), self._signature(text).encode())
        return text if good else ""

    def _signature(self, token: str) -> str:
        return hmac.new(self._signing_secret, token.encode(), hashlib.sha256).hexdigest()

    def _own_secret(self) -> str:
        path = self._folder / "signing-secret"
        if not path.exists():
            _write_private(path, secrets.token_urlsafe(48).encode())
        return path.read_text()

    def _load(self) -> dict[str, Session]:
        try:
            found = msgspec.json.decode(self._file.read_bytes(), type=list[Session])
        except FileNotFoundError:
            return {}
        except (msgspec.MsgspecError, UnicodeDecodeError):
            log.warning("sessions.unreadable", file=str(self._file))
            return {}
        return {session.id: session for session in found if session.expires_at > self._now()}

    def _prune(self) -> None:
        living = [session for session in self._sessions.values() if session.expires_at > self._now()]
        self._sessions = {session.id: session for session in living[-MAX_SESSIONS:]}
        self._fresh_cookies = {
            key: cookie for key, cookie in self._fresh_cookies.items() if key in self._sessions
        }

    def _save(self) -> None:
        _write_private(self._file, msgspec.json.encode(list(self._sessions.values())))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _write_private(path: Path, content: bytes) -> None:
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    fresh.replace(path)
