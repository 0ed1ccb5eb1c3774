"""`/settings`: the emergency stop, models, channels, keys, schedules and budgets."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from nicegui import ui
from starlette.requests import Request

from agentops import AgentOpsClient
from agentops.wire import (
    Budget,
    Contact,
    NewSchedule,
    Schedule,
    ScheduledNotice,
    System,
    UsageGroup,
    UsageSum,
)
from ui import strings, wording
from ui.board import GOING
from ui.components.budgets import BudgetSection
from ui.components.elements import Moment, Part, el, on_click
from ui.components.forms import Values, field, on_form, submit
from ui.components.frame import Frame, section
from ui.components.keys import KeySection
from ui.components.schedules import ScheduleSection
from ui.panel import Panel
from ui.reading import Reading, of_types
from ui.strings import settings as words

LOAD_S = 2.0
USED_DAYS = timedelta(days=30)
TEST_AFTER = timedelta(seconds=1)


@dataclass(frozen=True)
class SettingsView:
    """What the ledger knows of how all is set."""

    schedules: tuple[Schedule, ...]
    budgets: tuple[Budget, ...]
    contacts: tuple[Contact, ...]
    models: tuple[UsageSum, ...]


async def load_settings(ops: AgentOpsClient) -> SettingsView:
    """Read it from the ledger."""
    begin = datetime.now(UTC) - USED_DAYS
    async with asyncio.TaskGroup() as group:
        schedules = group.create_task(ops.list_schedules())
        budgets = group.create_task(ops.list_budgets())
        contacts = group.create_task(ops.list_contacts())
        models = group.create_task(ops.sum_usage(UsageGroup.MODEL, begin=begin))
    return SettingsView(
        schedules=tuple(schedules.result()),
        budgets=tuple(budgets.result()),
        contacts=tuple(contacts.result()),
        models=tuple(used for used in models.result() if used.group),
    )


def register(panel: Panel) -> None:
    """Declare the page."""
    touches = of_types("schedule.*", "budget.*", "person.*", "system.*")
    reading = Reading(lambda: load_settings(panel.ops), touches, panel.following)

    @ui.page("/settings", title=strings.titled(strings.SETTINGS))
    async def settings(request: Request) -> None:
        await asyncio.gather(reading.fresh(LOAD_S), panel.board.fresh(LOAD_S))
        page = SettingsPage(Frame(panel, request, strings.SETTINGS, "/settings"), reading)
        await page.load_keys()


class SettingsPage:
    """One tab's view of the settings."""

    def __init__(self, frame: Frame, reading: Reading[SettingsView]) -> None:
        self._frame = frame
        self._panel = frame.panel
        self._reading = reading
        with el("div", "page page-narrow"):
            with el("header", "page-head"):
                el("h1", text=strings.SETTINGS)
            with el("div", "sheet"):
                self._draw()
        frame.follow(reading, self._show)
        frame.on_change(self._show_stop)
        self._show_stop()
        talk = self._panel.conversation
        frame.client.on_delete(talk.watch(frame.inside(self._show_channels)))
        self._show_channels()

    async def load_keys(self) -> None:
        """Show the keys, which only the person may see."""
        await self._keys.load()

    def _draw(self) -> None:
        with section(words.STOP):
            self._stop = Part(el("div", "stop"), self._draw_stop)
        with section(words.MODELS):
            self._models = Part(el("div"), self._draw_models)
        with section(words.CHANNELS):
            self._channels = Part(el("div"), self._draw_channels)
            with el("div", "choices after"):
                on_click(el("button", "button", words.TEST, type="button"), self._test)
                el("span", "quiet", words.TEST_WHAT)
        with section(words.SCHEDULES):
            self._schedules = ScheduleSection(self._frame, self._reading.poke)
        with section(words.BUDGETS) as budgets:
            self._budgets = BudgetSection(self._frame, self._reading.poke)
        budgets.props["id"] = "budgets"
        with section(words.KEYS):
            self._keys = KeySection(self._frame)

    @property
    def _system(self) -> System:
        return self._panel.board.value.system if self._panel.board.value else GOING

    def _show(self, view: SettingsView) -> None:
        self._models.show(view.models)
        self._schedules.show(view.schedules)
        self._budgets.show(view.budgets)
        self._show_channels()

    def _show_stop(self) -> None:
        self._stop.show(self._system)

    def _show_channels(self) -> None:
        contacts = self._reading.value.contacts if self._reading.value else ()
        self._channels.show((self._panel.conversation.connected, contacts))

    def _draw_stop(self) -> None:
        system = self._system
        if system.paused:
            with el("p"):
                el("span", text=words.STOPPED_BY.format(by=system.by or "?"))
                if system.since:
                    el("span", text=" ")
                    Moment(system.since)
            if system.reason:
                el("p", "quiet", system.reason)
            on_click(el("button", "button button-main", strings.RESUME, type="button"), self._resume)
            return
        el("p", text=words.GOES_ON)
        el("p", "quiet", words.STOP_WHAT)
        with on_form(el("form", "form"), self._pause):
            field(words.REASON, "reason", maxlength=500, classes="labelled-wide")
            submit(words.STOP_NOW)

    def _draw_models(self) -> None:
        settings = self._panel.settings
        with el("dl", "facts"):
            el("dt", text=words.MODEL_TALK)
            el("dd", text=settings.model or words.MODEL_AUTO)
            el("dt", text=words.MODEL_VOICE)
            el("dd", text=settings.model_voice or words.MODEL_SAME)
            if view := self._reading.value:
                for used in view.models[:10]:
                    el("dt", text=used.group or "")
                    tokens = wording.amount(used.tokens_in + used.tokens_out)
                    el("dd", text=words.MODEL_USED.format(tokens=tokens, money=wording.money(used.money)))
        el("p", "quiet after", words.MODEL_HOW)

    def _draw_channels(self) -> None:
        contacts = self._reading.value.contacts if self._reading.value else ()
        connected = self._panel.conversation.connected
        with el("dl", "facts"):
            el("dt", text=words.CHANNEL_BROWSER)
            with el("dd"):
                el(
                    "span",
                    "" if connected else "word-failed",
                    words.CHANNEL_UP if connected else words.CHANNEL_DOWN,
                )
            for channel, name in words.CHANNEL_ADDRESSES.items():
                reached = [
                    contact.label or contact.address for contact in contacts if contact.channel == channel
                ]
                el("dt", text=name)
                el("dd", text=", ".join(reached[:10]) or words.CHANNEL_NOBODY)

    # --- acting

    async def _pause(self, values: Values) -> None:
        await self._frame.act(lambda ops: ops.pause(values.get("reason", "")), words.STOPPED)

    async def _resume(self) -> None:
        await self._frame.act(lambda ops: ops.resume(), strings.RESUMED)

    async def _test(self) -> None:
        """News to the person's own session, on the same way that every reminder takes."""
        notice = ScheduledNotice(session=self._panel.settings.session, text=words.TEST_TEXT)

        async def send(ops: AgentOpsClient) -> None:
            for old in await ops.list_schedules():
                if old.name == words.TEST_NAME:
                    await ops.delete_schedule(old.id)
            at = datetime.now(UTC) + TEST_AFTER
            await ops.create_schedule(NewSchedule(name=words.TEST_NAME, at=at, notice=notice))

        await self._frame.act(send, words.TEST_SENT)
