"""The chat, over a real gateway."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, FilePayload, Locator, Page, expect

from agentops.wire import NewPerson, NewTask, NewTurn, TurnRecord
from gateway.session.redis_client import open_redis
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.turns import SessionId, Turn, TurnId
from ops.embedded.redis import EmbeddedRedis
from tests.browser.chromium import Watch
from tests.browser.conftest import Emptied, OpenWindow, StartPanel
from tests.browser.echo import Echo, echoing_gateway
from tests.browser.panel import PanelProcess
from tests.browser.pictures import PNG
from tests.browser.windows import Windows
from tests.browser.worker import Worker
from tests.ports import free_port
from tests.waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CSV: FilePayload = {"name": "sales.csv", "mimeType": "text/csv", "buffer": b"units,price\n1,2\n"}


@pytest.fixture(scope="module")
def site_gateway() -> str:
    """Where the module's gateway listens, while a test has one."""
    return f"http://127.0.0.1:{free_port()}"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def talking(
    start_panel: StartPanel, site_gateway: str, emptied: Emptied
) -> AsyncIterator[PanelProcess]:
    """A panel that has heard nothing yet."""
    async with start_panel(gateway_url=site_gateway) as process:
        yield await emptied(process)


@pytest.fixture
def panel(talking: PanelProcess) -> PanelProcess:
    """The panel over all that was said so far: a conversation is never emptied."""
    return talking


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def echoing(
    talking: PanelProcess, site_ledger: str, site_gateway: str, redis_server: EmbeddedRedis
) -> AsyncIterator[Echo]:
    """The module's gateway; what earlier tests left unanswered in the streams is nobody's business here."""
    port = urlsplit(site_gateway).port or 0
    async with open_redis(redis_server.url) as redis:
        await redis.flushall()
    async with echoing_gateway(site_ledger, redis_server.url, port) as echo:
        yield echo


@pytest.fixture
def echo(echoing: Echo) -> Echo:
    """What answers, at once unless a test says otherwise."""
    echoing.go.set()
    echoing.said_half.clear()
    return echoing


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def signed_in(talking: PanelProcess, windows: Windows) -> AsyncIterator[BrowserContext]:
    """A login of the module's own panel."""
    page = await windows.take()
    await page.context.request.get(await talking.login_url())
    yield page.context
    await windows.give_back(page)


@pytest_asyncio.fixture(loop_scope="session")
async def talk(page: Page, panel: PanelProcess, echo: Echo) -> Page:
    """The chat, connected."""
    await page.goto(f"{panel.url}/talk")
    await expect(page.get_by_text("The conversation is interrupted")).to_be_hidden(timeout=15_000)
    return page


def field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Message to the chief")


def log(page: Page) -> Locator:
    return page.get_by_role("log")


async def test_a_newcomer_is_offered_what_to_say(talk: Page) -> None:
    await expect(talk.get_by_role("heading", name="Say what you need.")).to_be_visible()
    await talk.get_by_role("button", name="What is going on?").click()
    await expect(field(talk)).to_have_value("What is going on?")
    await expect(field(talk)).to_be_focused()


async def test_what_was_said_before_is_there_and_more_on_demand(talk: Page, panel: PanelProcess) -> None:
    for n in range(60):
        turn = NewTurn(id=f"old-{n}", role="chief", channel="telegram", text=f"line {n}")
        await panel.ops.record_turn("main", turn)
    await talk.reload()
    await expect(log(talk).get_by_text("line 59", exact=True)).to_be_in_viewport()
    await expect(log(talk).get_by_text("line 0", exact=True)).to_have_count(0)
    await talk.get_by_role("button", name="Show earlier").click()
    await expect(log(talk).get_by_text("line 0", exact=True)).to_be_attached()


async def test_an_answer_is_seen_while_it_is_written(talk: Page, echo: Echo) -> None:
    echo.go.clear()
    await field(talk).fill("hello there")
    await field(talk).press("Enter")
    await expect(field(talk)).to_have_value("")
    await expect(log(talk).get_by_text("hello there", exact=True)).to_be_visible()
    await expect(log(talk).get_by_text("You said", exact=True)).to_be_visible()
    echo.go.set()
    await expect(log(talk).locator("strong").last).to_have_text("hello there")
    await talk.reload()
    await expect(log(talk).get_by_text("hello there", exact=True)).to_have_count(2)


async def test_shift_enter_makes_a_line_and_sends_nothing(talk: Page) -> None:
    await field(talk).fill("one")
    await field(talk).press("Shift+Enter")
    await field(talk).press_sequentially("two")
    await expect(field(talk)).to_have_value("one\ntwo")


async def test_a_file_goes_along_and_is_offered_back(talk: Page, panel: PanelProcess) -> None:
    await talk.locator("input[type=file]").set_input_files([CSV])
    await expect(talk.locator(".composer .chip")).to_contain_text("sales.csv")
    await field(talk).fill("analyse this")
    await talk.get_by_role("button", name="Send").click()
    chip = log(talk).get_by_role("link", name=re.compile("sales.csv"))
    await expect(chip).to_be_visible()

    async def kept() -> list[TurnRecord]:
        return [one for one in (await panel.ops.list_turns("main")).items if one.text == "analyse this"]

    (turn,) = await eventually(kept)  # the page shows what goes off before the ledger has it
    assert [file.name for file in turn.attachments] == ["sales.csv"]
    assert await panel.ops.download(turn.attachments[0].id) == CSV["buffer"]


async def test_a_file_can_be_dropped_anywhere(talk: Page) -> None:
    transfer = await talk.evaluate_handle(
        """() => {
            const transfer = new DataTransfer();
            transfer.items.add(new File(["a,b"], "dropped.csv", { type: "text/csv" }));
            return transfer;
        }"""
    )
    await talk.dispatch_event("body", "dragover", {"dataTransfer": transfer})
    await expect(talk.get_by_text("Drop files to attach them")).to_be_visible()
    await talk.dispatch_event("body", "drop", {"dataTransfer": transfer})
    await expect(talk.locator(".composer .chip")).to_contain_text("dropped.csv")
    await talk.get_by_role("button", name="Remove dropped.csv").click()
    await expect(talk.locator(".composer .chip")).to_have_count(0)


async def test_an_empty_message_is_not_sent(talk: Page) -> None:
    before = await log(talk).locator(".message").count()
    await field(talk).fill("   ")
    await field(talk).press("Enter")
    await expect(talk.get_by_role("alert")).to_contain_text("Write something or attach a file first.")
    await expect(log(talk).locator(".message")).to_have_count(before)


async def test_a_message_that_is_too_long_is_refused_and_not_lost(talk: Page, watch: Watch) -> None:
    watch.allowed = ("413",)
    before = await log(talk).locator(".message").count()
    await field(talk).fill("a" * 1_000_000)
    await field(talk).press("Enter")
    await expect(talk.get_by_role("alert")).to_contain_text("100,000 characters")
    assert len(await field(talk).input_value()) == 1_000_000
    await expect(log(talk).locator(".message")).to_have_count(before)


async def test_a_file_that_is_too_big_is_refused_before_it_is_sent(talk: Page) -> None:
    big: FilePayload = {"name": "film.mp4", "mimeType": "video/mp4", "buffer": bytes(1_100_000)}
    await talk.locator("input[type=file]").set_input_files([big])
    await field(talk).fill("watch this")
    await field(talk).press("Enter")
    await expect(talk.get_by_role("alert")).to_contain_text("1.1 MB together; one message takes 1.0 MB")
    await expect(field(talk)).to_have_value("watch this")


async def test_finished_work_is_told_with_its_picture(
    talk: Page, panel: PanelProcess, worker: Worker
) -> None:
    task = await panel.ops.create_task(NewTask(title="Analyse sales.csv", origin="main"))
    await worker.take(task)
    await worker.make("chart.png", "image/png", PNG)
    await worker.finish("Two rows.")
    notice = log(talk).locator(".message-notice").last
    await expect(notice).to_contain_text("Two rows.")
    picture = notice.get_by_role("img", name="chart.png")
    await picture.scroll_into_view_if_needed()
    await eventually(lambda: picture.evaluate("image => image.naturalWidth > 0"))
    await notice.get_by_role("link", name="Open the task").click()
    await expect(talk.get_by_role("heading", level=1)).to_have_text("Analyse sales.csv")


async def test_two_tabs_hear_the_same(talk: Page, panel: PanelProcess, window: OpenWindow) -> None:
    other = await window(size="mobile", scheme="dark")
    await other.goto(f"{panel.url}/talk")
    await field(talk).fill("for both")
    await field(talk).press("Enter")
    await expect(log(other).get_by_text("for both", exact=True).first).to_be_visible()
    await expect(log(other).locator("strong").last).to_have_text("for both")


async def test_what_is_said_on_telegram_shows_before_anybody_answers(
    talk: Page, echo: Echo, redis_server: EmbeddedRedis
) -> None:
    echo.go.clear()
    await field(talk).fill("a long thought")
    await field(talk).press("Enter")
    await expect(log(talk)).to_contain_text("You said")
    async with open_redis(redis_server.url) as redis:
        await RedisSessionStream(redis).append(
            Turn(
                id=TurnId("from-telegram"),
                session_id=SessionId("main"),
                channel="telegram",
                address="1",
                external_id="1:1",
                text="and this from the train",
                received_at=datetime.now(UTC),
            )
        )
    heard = log(talk).locator(".message-person", has_text="and this from the train")
    await expect(heard).to_contain_text("Telegram")
    echo.go.set()
    await expect(log(talk)).to_contain_text("You said and this from the train")


async def test_a_draft_survives_a_reload(talk: Page) -> None:
    await field(talk).fill("half a thought")
    await talk.reload()
    await expect(field(talk)).to_have_value("half a thought")


async def test_without_a_gateway_nothing_typed_is_lost(
    window: OpenWindow, site: PanelProcess, watch: Watch
) -> None:
    watch.allowed = ("503",)
    watch.host = urlsplit(site.url).netloc
    page = await window(signed_in=False)
    await page.goto(await site.login_url())
    await page.goto(f"{site.url}/talk")
    await expect(page.get_by_text("The conversation is interrupted")).to_be_visible()
    await field(page).fill("are you there?")
    await field(page).press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("The gateway does not answer.")
    await expect(field(page)).to_have_value("are you there?")


async def test_what_others_said_is_on_record_and_can_only_be_read(
    page: Page, panel: PanelProcess, echo: Echo
) -> None:
    guest = await panel.ops.create_person(NewPerson(name="Bob"))
    for n in range(51):
        turn = NewTurn(id=f"bob-{n}", role="person", channel="telegram", text=f"Bob says {n}.")
        await panel.ops.record_turn(f"person-{guest.id}", turn)
    await page.goto(f"{panel.url}/talk")
    await page.get_by_role("link", name="Bob").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Bob")
    await expect(page.get_by_text("Bob says 50.")).to_be_visible()
    await expect(page.get_by_role("textbox")).to_have_count(0)
    await page.get_by_role("link", name="Show earlier").click()
    await expect(page.get_by_text("Bob says 0.")).to_be_visible()


async def test_how_much_of_an_answer_was_heard_is_not_a_message(talk: Page, panel: PanelProcess) -> None:
    await panel.ops.record_turn("main", NewTurn(id="half", role="heard", channel="phone", text="only half"))
    await panel.ops.record_turn("main", NewTurn(id="whole", role="chief", channel="phone", text="all of it"))
    await talk.reload()
    await expect(log(talk).get_by_text("all of it")).to_be_visible()
    await expect(log(talk).get_by_text("only half")).to_have_count(0)
