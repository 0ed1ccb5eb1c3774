"""One-time logins: a token in a link buys one key, once."""

import secrets

from agentops.wire import Login, MintedKey, NewLogin, RedeemLogin
from ledger.access.keys import hash_of, minted, new_secret
from ledger.caller import Caller
from ledger.engine import LedgerEngine
from ledger.errors import LoginInvalid
from ledger.events.telling import tell

KEY_DAYS = 30

_CREATE = f"""
WITH swept AS (DELETE FROM login WHERE expires_at < now()),
login AS (
    INSERT INTO login (hash, scope, expires_at) VALUES ($1, $2, now() + make_interval(secs => $3))
    RETURNING scope, expires_at
), told AS ({
    tell(
        "'login.created'",
        "login",
        "'login'",
        "$4",
        "$5",
        "login",
        "jsonb_build_object('scope', login.scope, 'expires_at', login.expires_at)",
    )
})
SELECT expires_at FROM login
"""  # noqa: S608

_REDEEM = f"""
WITH used AS (DELETE FROM login WHERE hash = $1 RETURNING scope, expires_at > now() AS valid),
api_key AS (
    INSERT INTO api_key (name, scope, hash, expires_at)
    SELECT 'login', scope, $2, now() + make_interval(days => $3) FROM used WHERE valid RETURNING *
), told AS ({
    tell(
        "'login.redeemed'",
        "key",
        "api_key.id",
        "'login'",
        "NULL",
        "api_key",
        "jsonb_build_object('scope', api_key.scope, 'expires_at', api_key.expires_at)",
    )
})
SELECT api_key.* FROM api_key
"""  # noqa: S608


async def create_login(caller: Caller, new: NewLogin) -> Login:
    """Makes a token; logins that nobody used in time go on this occasion."""
    caller.need()
    token = secrets.token_urlsafe(32)
    row = await caller.db.row(
        _CREATE, hash_of(token), str(new.scope), float(new.expires_in_s), caller.name, caller.traceparent
    )
    if row is None:
        raise LookupError("an insert without a row")
    caller.announce("login.created", "login")
    return Login(token=token, expires_at=row["expires_at"])


async def redeem(db: LedgerEngine, wish: RedeemLogin) -> MintedKey:
    """Turns a token into a key.

    Raises:
        LoginInvalid: it is unknown, used already, or too old.
    """
    secret = new_secret()
    row = await db.row(_REDEEM, hash_of(wish.token), hash_of(secret), KEY_DAYS)
    if row is None:
        raise LoginInvalid("this login was used already, or is too old; ask for a new one")
    return minted(row, secret)
