"""Coming in by password and by an OpenID provider, and a cookie that is another one every hour."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from agentops.errors import Forbidden
from agentops.testing import FakeLedger
from agentops.wire import NewTask, Scope
from tests.unit.ui.provider import CLIENT, ISSUER, SECRET, Provider
from ui.auth import Guard
from ui.entering import Entrance
from ui.limits import AttemptLimit
from ui.login import BACK, LoginRoutes, OpenIdRoutes, PasswordRoutes, listed
from ui.openid import OpenId
from ui.passwords import hash_of, is_hash, matches
from ui.plain import Ways
from ui.rights import Rights
from ui.sessions import COOKIE, GRACE, RENEWED_AFTER, SessionStore
from ui.settings import UiSettings

PANEL = "https://panel.example"
PASSWORD = "correct horse battery"
HASHED = hash_of(PASSWORD)
WAYS = Ways(password=True, provider="id.example")
HTML = {"Accept": "text/html"}


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


class KnownKeys:
    """Takes every key for a living one."""

    async def verify(self, secret: str) -> None:
        assert secret


@dataclass
class Site:
    """A panel's ways in, and a page behind them."""

    http: httpx.AsyncClient
    sessions: SessionStore
    provider: Provider
    ledger: FakeLedger
    clock: Clock

    @property
    def cookie(self) -> str | None:
        return self.http.cookies.get(COOKIE)

    async def opened(self) -> int:
        """What the page answers to this browser."""
        return (await self.http.get("/", headers=HTML)).status_code

    async def by_openid(self) -> httpx.Response:
        """All the way to the provider and back."""
        begun = await self.http.get("/login/openid")
        transport = httpx.ASGITransport(self.provider.app)
        async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as http:
            there = await http.get(begun.headers["location"])
        return await self.http.get(there.headers["location"])


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    ledger, provider, clock = FakeLedger(), Provider(), Clock()
    sessions = SessionStore(tmp_path, "secret", now=clock)
    async with (
        ledger.client() as issuer,
        httpx.AsyncClient(transport=httpx.ASGITransport(provider.app)) as reach,
    ):
        entrance = Entrance(
            ledger=issuer,
            sessions=sessions,
            rights=Rights("http://127.0.0.1:1", sessions),
            secure_cookies=True,
            issuer=issuer,
            ways=WAYS,
            limit=AttemptLimit(5),
        )
        openid = OpenId(ISSUER, client_id=CLIENT, client_secret=SECRET, redirect_uri=PANEL + BACK, http=reach)
        owners, readers = listed("owner@example.com, 7"), listed("Reader@example.com")
        ways = (
            LoginRoutes(entrance),
            PasswordRoutes(entrance, HASHED),
            OpenIdRoutes(entrance, openid, owners=owners, readers=readers),
        )
        app = Starlette(
            routes=[Route("/", _page), *(route for way in ways for route in way.routes())],
            middleware=[
                Middleware(Guard, sessions=sessions, verifier=KnownKeys(), secure_cookies=True, ways=WAYS)  # type: ignore[arg-type]
            ],
        )
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=PANEL, headers=HTML) as http:
            yield Site(http, sessions, provider, ledger, clock)


async def _page(_: Request) -> Response:
    return HTMLResponse("<p>in")


# --- the password


async def test_the_password_lets_the_owner_in(site: Site) -> None:
    page = await site.http.get("/")
    assert page.status_code == 401
    assert 'autocomplete="current-password"' in page.text
    answer = await site.http.post("/login", data={"password": PASSWORD})
    assert answer.status_code == 303
    assert "secure" in answer.headers["set-cookie"].lower()
    assert await site.opened() == 200


@pytest.mark.parametrize("wrong", ["", "Correct horse battery", "x" * 3_000, "\x00"])
async def test_another_password_does_not(site: Site, wrong: str) -> None:
    answer = await site.http.post("/login", data={"password": wrong})
    assert answer.status_code == 401
    assert "not the password" in answer.text
    assert site.cookie is None


async def test_guessing_is_slowed_down(site: Site) -> None:
    answers = [await site.http.post("/login", data={"password": "guess"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert (await site.http.post("/login", data={"password": PASSWORD})).status_code == 429


async def test_another_site_cannot_sign_a_browser_in(site: Site) -> None:
    foreign = {"Origin": "https://evil.example"}
    answer = await site.http.post("/login", data={"password": PASSWORD}, headers=foreign)
    assert answer.status_code == 403
    assert site.cookie is None


async def test_signing_in_again_ends_the_session_before(site: Site) -> None:
    await site.http.post("/login", data={"password": PASSWORD})
    first = site.cookie
    await site.http.post("/login", data={"password": PASSWORD})
    assert site.cookie != first
    assert site.sessions.find(first) is None


@pytest.mark.parametrize("short", ["", "eleven char", "x" * 501])
def test_a_password_that_is_guessed_is_refused(short: str) -> None:
    with pytest.raises(ValueError, match="12 to 500"):
        hash_of(short)


def test_a_hash_is_told_from_anything_else() -> None:
    assert is_hash(HASHED)
    assert matches(PASSWORD, HASHED)
    assert not any(map(is_hash, ("", PASSWORD, HASHED[:40], HASHED.replace("argon2id", "argon2i"))))


# --- OpenID Connect


async def test_an_owner_comes_in_by_openid(site: Site) -> None:
    assert (await site.by_openid()).status_code == 303
    assert await site.opened() == 200
    assert await _may_write(site)


async def test_a_reader_comes_in_and_changes_nothing(site: Site) -> None:
    site.provider.who = {"sub": "8", "email": "reader@example.com", "email_verified": True}
    assert (await site.by_openid()).status_code == 303
    assert not await _may_write(site)


@pytest.mark.parametrize(
    "who",
    [
        {"sub": "8", "email": "stranger@example.com", "email_verified": True},
        {"sub": "8", "email": "owner@example.com", "email_verified": False},
        {"sub": "8", "email": "owner@example.com"},
        {"sub": "8"},
    ],
)
async def test_who_is_not_on_the_list_stays_outside(site: Site, who: dict[str, Any]) -> None:
    site.provider.who = who
    answer = await site.by_openid()
    assert answer.status_code == 403
    assert "known there, but not here" in answer.text
    assert site.cookie is None


async def test_a_subject_may_be_on_the_list(site: Site) -> None:
    site.provider.who = {"sub": "7"}
    assert (await site.by_openid()).status_code == 303


@pytest.mark.parametrize(
    "spoilt",
    [
        {"nonce": "another"},
        {"aud": "another"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"sub": None},
        {"sub": 7},
    ],
)
async def test_an_identity_token_that_does_not_hold_is_refused(site: Site, spoilt: dict[str, Any]) -> None:
    site.provider.change = lambda claims: claims.update(spoilt)
    answer = await site.by_openid()
    assert answer.status_code == 401
    assert "did not work" in answer.text
    assert site.cookie is None


async def test_keys_that_turned_are_asked_for_again(site: Site) -> None:
    await site.by_openid()
    site.provider.turn_keys()
    assert (await site.by_openid()).status_code == 303


async def test_a_sign_in_that_began_elsewhere_is_refused(site: Site) -> None:
    stolen = await site.http.get(BACK, params={"state": "x", "code": "y"})
    assert stolen.status_code == 401
    await site.http.get("/login/openid")
    assert (await site.http.get(BACK, params={"state": "x", "code": "y"})).status_code == 401
    assert (await site.http.get(BACK, params={"error": "access_denied"})).status_code == 401


async def test_a_provider_that_is_away_is_said(site: Site) -> None:
    site.provider.app.router.routes.clear()
    answer = await site.http.get("/login/openid")
    assert answer.status_code == 503
    assert "does not answer" in answer.text


# --- the cookie


async def test_the_cookie_is_another_one_every_hour(site: Site) -> None:
    await site.http.post("/login", data={"password": PASSWORD})
    first = site.cookie
    await site.opened()
    assert site.cookie == first
    site.clock.now += RENEWED_AFTER
    assert await site.opened() == 200
    second = site.cookie
    assert second != first
    assert site.sessions.find(first) == site.sessions.find(second) is not None
    site.clock.now += GRACE
    assert site.sessions.find(first) is None
    assert await site.opened() == 200


async def test_a_tab_that_missed_the_new_cookie_is_given_it_again(site: Site) -> None:
    await site.http.post("/login", data={"password": PASSWORD})
    first = site.cookie
    site.clock.now += RENEWED_AFTER
    await site.opened()
    second = site.cookie
    site.http.cookies.clear()
    site.http.cookies.set(COOKIE, first or "", domain="panel.example")
    await site.opened()
    assert second in [cookie.value for cookie in site.http.cookies.jar]


async def test_only_opening_a_page_renews_the_cookie(site: Site) -> None:
    await site.http.post("/login", data={"password": PASSWORD})
    site.clock.now += RENEWED_AFTER
    quiet = await site.http.get("/", headers={"Accept": "application/json"})
    assert "set-cookie" not in quiet.headers


# --- the settings


@pytest.mark.parametrize(
    ("told", "missing"),
    [
        ({"UI_PASSWORD_HASH": PASSWORD, "UI_LOGIN_KEY": "k"}, "cos password"),
        ({"UI_PASSWORD_HASH": HASHED}, "UI_LOGIN_KEY"),
        ({"UI_OIDC_ISSUER": ISSUER, "UI_LOGIN_KEY": "k"}, "UI_OIDC_CLIENT_ID"),
    ],
)
def test_half_a_setting_says_what_is_missing(told: dict[str, str], missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        UiSettings(**{"_env_file": None, **told})  # type: ignore[arg-type]


async def _may_write(site: Site) -> bool:
    session = site.sessions.find(site.cookie)
    assert session
    assert session.expires_at > site.clock.now + timedelta(days=29)
    async with site.ledger.client(Scope.READER, api_key=session.secret) as ops:
        try:
            await ops.create_task(NewTask(title="x"))
        except Forbidden:
            return False
    return True
