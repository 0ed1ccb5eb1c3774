"""The frame around every page: navigation, appearance, state of the connection, and short messages."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import structlog
from nicegui import ui
from nicegui.client import Client
from nicegui.element import Element
from starlette.requests import Request

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError, Forbidden, Unauthenticated, Unavailable
from ui import strings, wording
from ui.board import GOING
from ui.components.elements import Part, el, icon, on_click
from ui.errors import NotSignedIn
from ui.panel import Panel
from ui.reading import Reading
from ui.sessions import Session

log = structlog.get_logger(__name__)

TOAST_S = 6.0
T = TypeVar("T")

_MAIN_PAGES = (
    ("/", strings.OVERVIEW, "home"),
    ("/talk", strings.TALK, "talk"),
    ("/tasks", strings.TASKS, "tasks"),
)
_MORE_PAGES = (
    ("/projects", strings.PROJECTS, "projects"),
    ("/agents", strings.AGENTS, "agents"),
    ("/people", strings.PEOPLE, "people"),
    ("/costs", strings.COSTS, "costs"),
    ("/settings", strings.SETTINGS, "settings"),
)


class ThemeSwitch(Element, component="theme_switch.js"):
    """Follow the system, light or dark; kept in the browser."""

    def __init__(self) -> None:
        super().__init__()
        self.props["label"] = strings.THEME
        self.props["options"] = {
            "system": strings.THEME_SYSTEM,
            "light": strings.THEME_LIGHT,
            "dark": strings.THEME_DARK,
        }


class Frame:
    """One tab's page: where its content goes, and how it acts and answers.

    Args:
        panel: what every page is given.
        request: of this page; carries the session.
        title: of the page.
        path: the entry of the navigation that it belongs to.
    """

    def __init__(self, panel: Panel, request: Request, title: str, path: str) -> None:
        self.panel = panel
        self.client: Client = ui.context.client
        self._session: Session = request.state.session
        self._path = path
        self._questions = -1
        self.title = title
        with self.client.layout:
            self._draw_navigation().move(self.client.layout, 0)
            el("a", "skip", strings.SKIP, href="#content").move(self.client.layout, 0)
            self._toasts = el("div", "toasts", role="status", aria_live="polite")
        self.client.content.props["id"] = "content"
        self.client.content.props["tabindex"] = "-1"
        self._banner = el("div", "banner", role="status")
        self._lost = Part(self._banner, self._draw_lost)
        self._stopped = Part(el("div"), self._draw_stopped)
        self.on_change(self._show_state)
        self._show_state()

    def on_change(self, changed: Callable[[], None]) -> None:
        """Call `changed`, in this tab, whenever the board changes; until the tab is gone."""
        stop = self.panel.board.watch(self.inside(changed))
        self.client.on_delete(stop)

    def follow(self, reading: Reading[T], show: Callable[[T], None]) -> None:
        """Show a reading now and whenever it changes, until the tab is gone."""

        def changed() -> None:
            if reading.value is not None:
                show(reading.value)

        self.client.on_delete(reading.watch(self.inside(changed)))
        changed()

    def inside(self, changed: Callable[[], None]) -> Callable[[], None]:
        """`changed` as something that may be called from anywhere, also after the tab is gone."""

        def call() -> None:
            if not self.client.is_deleted:
                with self.client:
                    changed()

        return call

    @property
    def key_id(self) -> str:
        """The ledger's key that this browser acts with."""
        return self._session.key_id

    async def as_person(self) -> AgentOpsClient:
        """The ledger as the person may use it.

        Raises:
            NotSignedIn: the login ended while the page was open.
        """
        return await self.panel.rights.client(self._session.id)

    async def act(self, job: Callable[[AgentOpsClient], Awaitable[object]], done: str = "") -> bool:
        """Do something in the ledger with the person's right; says what came of it.

        Returns:
            Whether it was done.
        """
        try:
            ops = await self.as_person()
            async with asyncio.timeout(10):
                await job(ops)
        except (NotSignedIn, Unauthenticated):
            self.client.open("/login")
        except Forbidden:
            self.toast(strings.NOT_ALLOWED, bad=True)
        except (Unavailable, TimeoutError):
            self.toast(strings.LEDGER_UNAVAILABLE, bad=True)
        except AgentOpsError as error:
            log.info("action.refused", code=error.code)
            self.toast(wording.sentence(error.detail or error.code), bad=True)
        else:
            if done:
                self.toast(done)
            return True
        return False

    def toast(self, text: str, *, bad: bool = False) -> None:
        """A short message that goes by itself."""
        with self._toasts:
            node = el("p", "toast toast-bad" if bad else "toast", role="alert" if bad else None)
            with node:
                icon("alert" if bad else "check")
                el("span", text=text)
        self.panel.workers.start(self._remove_later(node), "toast")

    async def _remove_later(self, node: Element) -> None:
        await asyncio.sleep(TOAST_S)
        if not self.client.is_deleted and not node.is_deleted:
            with self.client:
                node.delete()

    def _show_state(self) -> None:
        model = self.panel.board
        self._banner.set_visibility(model.lost)
        self._lost.show(model.lost)
        self._count(model.value.waiting if model.value else 0)
        self._stopped.show(model.value.system if model.value else GOING)

    def _draw_lost(self) -> None:
        if self.panel.board.lost:
            icon("alert")
            el("span", text=strings.LEDGER_LOST)

    def _draw_stopped(self) -> None:
        system = self.panel.board.value.system if self.panel.board.value else GOING
        if not system.paused:
            return
        reason = strings.PAUSED_WHY.format(reason=system.reason) if system.reason else strings.PAUSED
        with el("div", "banner banner-stopped", role="status"):
            icon("alert")
            el("span", text=reason)
            on_click(el("button", "button", strings.RESUME, type="button"), self._resume)

    async def _resume(self) -> None:
        await self.act(lambda ops: ops.resume(), strings.RESUMED)

    def _count(self, questions: int) -> None:
        if questions == self._questions:
            return
        self._questions = questions
        self._badge.set_visibility(questions > 0)
        self._badge.clear()
        with self._badge:
            el("span", text=str(questions), aria_hidden="true")
            el("span", "sr-only", strings.needs_you(questions))
        mark = f"({questions}) " if questions else ""
        ui.page_title(f"{mark}{strings.titled(self.title)}")

    def _draw_navigation(self) -> Element:
        with el("header", "rail") as rail:
            with el("a", "wordmark", href="/"):
                el("span", "wordmark-mark", aria_hidden="true")
                el("span", "wordmark-name", strings.APP)
            with el("nav", "nav", aria_label=strings.NAV):
                for path, name, mark in _MAIN_PAGES:
                    self._draw_entry(path, name, mark)
                for path, name, mark in _MORE_PAGES:
                    self._draw_entry(path, name, mark, "nav-entry nav-rare")
                self._draw_more()
            with el("div", "rail-end"):
                ThemeSwitch()
                with el("form", action="/logout", method="post"), el("button", "button-quiet", type="submit"):
                    icon("out")
                    el("span", "rail-label", strings.SIGN_OUT)
        return rail

    def _draw_more(self) -> None:
        """On a small screen, where the rare pages are."""
        with el("button", "nav-entry nav-more", type="button", popovertarget="more") as button:
            icon("more")
            el("span", text=strings.NAV_MORE)
        if any(path == self._path for path, _, _ in _MORE_PAGES):
            button.classes("nav-here")
        with el("div", "more", id="more", popover="auto"):
            for path, name, mark in _MORE_PAGES:
                self._draw_entry(path, name, mark, "more-entry")

    def _draw_entry(self, path: str, name: str, mark: str, classes: str = "nav-entry") -> None:
        current = "page" if path == self._path else None
        with el("a", classes, href=path, aria_current=current):
            icon(mark)
            el("span", text=name)
            if path == "/":
                self._badge = el("span", "badge")


@contextmanager
def section(title: str, classes: str = "", *, aside: Callable[[], None] | None = None) -> Iterator[Element]:
    """A titled part of a page, a landmark by its title."""
    with el("section", f"section {classes}", aria_label=title) as node:
        with el("div", "section-head"):
            el("h2", text=title)
            if aside:
                aside()
        yield node
