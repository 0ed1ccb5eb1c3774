"""Who may talk: let in, described, reached, forgotten."""

import re

import pytest
from playwright.async_api import Page, expect

from agentops import AgentOpsClient
from agentops.wire import ApprovePairing, Attention, NewPairing, NewPerson, Role
from tests.browser.chromium import Watch
from tests.browser.panel import PanelProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_stranger_is_let_in_from_the_overview(
    page: Page, panel: PanelProcess, ops: AgentOpsClient
) -> None:
    await page.goto(panel.url)
    asked = await ops.create_pairing(NewPairing(channel="telegram", address="7", display_name="Ada"))
    await expect(page.get_by_role("heading", level=1)).to_have_text("One thing needs you.")
    await expect(page.get_by_text(asked.code)).to_be_visible()
    await page.get_by_role("button", name="Let in").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Nothing needs you.")
    (person,) = await ops.list_people()
    assert (person.name, person.role) == ("Ada", Role.OWNER)


async def test_an_address_is_joined_to_somebody_known(
    page: Page, panel: PanelProcess, ops: AgentOpsClient
) -> None:
    ada = await ops.create_person(NewPerson(name="Ada", role=Role.OWNER))
    await ops.create_pairing(NewPairing(channel="telegram", address="8", display_name="Ada's phone"))
    await page.goto(f"{panel.url}/people")
    await page.get_by_label("Let in as").select_option(label="An address of Ada")
    await page.get_by_role("button", name="Let in").click()
    await expect(page.get_by_text("Ada's phone is let in.")).to_be_visible()
    await expect(page.get_by_role("region", name="Needs you")).to_be_hidden()
    assert [contact.address for contact in (await ops.get_person(ada.id)).contacts] == ["8"]


async def test_a_stranger_is_sent_away(page: Page, panel: PanelProcess, ops: AgentOpsClient) -> None:
    await ops.create_pairing(NewPairing(channel="telegram", address="9", display_name="Mallory"))
    await page.goto(f"{panel.url}/people")
    await page.get_by_role("button", name="Send away").click()
    await expect(page.get_by_text("The request was refused.")).to_be_visible()
    await expect(page.get_by_text("Nobody is known yet.")).to_be_visible()
    assert await ops.list_people() == []


async def test_preferences_are_shown_as_they_are_and_changed(
    page: Page, panel: PanelProcess, ops: AgentOpsClient
) -> None:
    asked = await ops.create_pairing(NewPairing(channel="telegram", address="7", display_name="Ada"))
    ada = await ops.approve_pairing(ApprovePairing(code=asked.code))
    await page.goto(f"{panel.url}/people/{ada.id}")
    await expect(page.get_by_label("An approval")).to_have_value("ring")
    await page.get_by_label("A task is done").select_option(label="In the digest")
    await page.get_by_label("Quiet from").fill("22:00")
    await page.get_by_label("Quiet until").fill("07:30")
    await page.get_by_label("Ask again after").fill("ten")
    await page.get_by_role("button", name="Save").first.click()
    await expect(page.get_by_role("alert")).to_contain_text("Minutes are a number")
    await page.get_by_label("Ask again after").fill("10")
    await page.get_by_role("button", name="Save").first.click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    now = await ops.get_preferences(ada.id)
    assert now.attention("task.completed") is Attention.DIGEST
    assert (now.quiet_from, now.quiet_to, now.escalate_after_s) == ("22:00", "07:30", 600)


async def test_a_person_is_described_reached_and_forgotten(
    page: Page, panel: PanelProcess, ops: AgentOpsClient
) -> None:
    guest = await ops.create_person(NewPerson(name="Bob", role=Role.GUEST))
    await page.goto(f"{panel.url}/people")
    await page.get_by_role("link", name="Bob").click()
    await page.get_by_label("Address").fill("+4973112345")
    await page.get_by_role("button", name="Add").click()
    await expect(page.get_by_role("listitem").filter(has_text="+4973112345")).to_contain_text("not proven")
    await page.get_by_label("Time zone").fill("Nowhere/Nothing")
    await page.get_by_role("button", name="Save").last.click()
    await expect(page.get_by_role("alert")).to_contain_text("Europe/Paris")
    await page.get_by_label("Role").select_option(label="Member")
    await page.get_by_label("Time zone").fill("Europe/Berlin")
    await page.get_by_role("button", name="Save").last.click()
    await expect(page.get_by_text("Saved.")).to_have_count(2)
    assert (await ops.get_person(guest.id)).role is Role.MEMBER
    await page.get_by_role("button", name="Forget this person").click()
    await page.get_by_role("button", name="Yes, forget", exact=True).click()
    await expect(page).to_have_url(re.compile("/people$"))
    assert await ops.list_people() == []


async def test_a_person_who_is_not_there_says_so(page: Page, panel: PanelProcess, watch: Watch) -> None:
    watch.allowed = ("404",)
    await page.goto(f"{panel.url}/people/nobody")
    await expect(page.get_by_role("heading", name="There is no such person.")).to_be_visible()
