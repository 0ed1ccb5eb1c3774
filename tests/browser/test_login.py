"""Getting in, and everything that must not get in."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.chromium import Watch
from tests.browser.conftest import OpenWindow
from tests.browser.panel import PanelProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

HTML = {"Accept": "text/html"}


@pytest_asyncio.fixture(loop_scope="session")
async def http(panel: PanelProcess) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=panel.url, headers=HTML) as client:
        yield client


async def test_a_link_opens_the_overview_and_leaves_no_token_in_the_address(
    window: OpenWindow, panel: PanelProcess
) -> None:
    page = await window()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Nothing needs you.")
    assert page.url == f"{panel.url}/"
    await expect(page).to_have_title("Overview · Chief of Staff")
    cookie = (await page.context.cookies())[0]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"


async def test_a_link_works_once(panel: PanelProcess, http: httpx.AsyncClient) -> None:
    link = await panel.login_url()
    assert (await http.get(link)).status_code == 303
    http.cookies.clear()
    again = await http.get(link)
    assert again.status_code == 401
    assert "wrong, was used before, or has expired" in again.text
    assert "cos login" in again.text


@pytest.mark.parametrize("token", ["wrong", "a" * 1000, "%00", "<script>alert(1)</script>"])
async def test_a_wrong_token_says_how_to_get_a_new_link(http: httpx.AsyncClient, token: str) -> None:
    answer = await http.get("/login", params={"token": token})
    assert answer.status_code == 401
    assert "cos login" in answer.text
    assert "alert(1)" not in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/talk", "/tasks", "/tasks/1", "/nowhere"])
async def test_every_page_asks_a_stranger_to_sign_in(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert answer.status_code == 401
    assert "cos login" in answer.text


@pytest.mark.parametrize(
    "path", ["/files/x", "/talk/turns", "/_nicegui_ws/socket.io/?EIO=4&transport=polling"]
)
async def test_what_programs_ask_for_is_refused_as_a_problem(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthenticated"


async def test_a_write_from_another_site_is_refused(panel: PanelProcess, http: httpx.AsyncClient) -> None:
    await http.get(await panel.login_url())
    answer = await http.post("/logout", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert (await http.get("/tasks")).status_code == 200


async def test_looking_at_a_link_does_not_use_it_up(panel: PanelProcess, http: httpx.AsyncClient) -> None:
    link = await panel.login_url()
    await http.head(link)
    await http.get(link, headers={"Sec-Purpose": "prefetch"})
    assert (await http.get(link)).status_code == 303


async def test_signing_out_ends_the_session_and_revokes_its_key(
    window: OpenWindow, panel: PanelProcess, watch: Watch
) -> None:
    watch.allowed = ("401",)
    page = await window()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", name="You are signed out.")).to_be_visible()
    await page.goto(f"{panel.url}/tasks")
    await expect(page.get_by_text("cos login")).to_be_visible()
    assert any(key.revoked_at for key in await panel.ops.list_keys())


async def test_the_login_page_runs_no_script(window: OpenWindow, panel: PanelProcess, watch: Watch) -> None:
    watch.allowed = ("401",)
    page = await window(signed_in=False, scheme="dark")
    answer = await page.goto(f"{panel.url}/tasks")
    assert answer
    assert answer.status == 401
    assert await page.locator("script").count() == 0
    assert await page.evaluate("document.documentElement.lang") == "en"


async def test_health_needs_no_login(http: httpx.AsyncClient) -> None:
    assert (await http.get("/health/live")).status_code == 200
    ready = await http.get("/health/ready")
    assert json.loads(ready.content) == {"status": "ok", "checks": {"ledger": "ok"}}


async def test_too_many_tries_have_to_wait(panel: PanelProcess) -> None:
    # From another address, so that nobody else who signs in here has to wait with it.
    elsewhere = httpx.AsyncHTTPTransport(local_address="127.0.0.2")
    async with httpx.AsyncClient(base_url=panel.url, headers=HTML, transport=elsewhere) as http:
        answers = [await http.get("/login", params={"token": f"wrong-{n}"}) for n in range(12)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0
    assert "Wait a minute" in answers[-1].text
