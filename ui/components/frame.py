"""The frame around every page: navigation, appearance, state of the connection, and short messages."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import structlog
from nicegui import ui
from nicegui.client import Client
from nicegui.element import Element
from starlette.requests import Request

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError, Forbidden, Unauthenticated, Unavailable
from ui import strings, wording
from ui.components.elements import el, icon
from ui.errors import NotSignedIn
from ui.panel import Panel
from ui.sessions import Session

log = structlog.get_logger(__name__)

TOAST_S = 6.0

_PAGES = (
    ("/", strings.OVERVIEW, "home"),
    ("/talk", strings.TALK, "talk"),
    ("/tasks", strings.TASKS, "tasks"),
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
        self.on_change(self._show_state)
        self._show_state()

    def on_change(self, changed: Callable[[], None]) -> None:
        """Call `changed`, in this tab, whenever the board changes; until the tab is gone."""
        stop = self.panel.board.watch(self.inside(changed))
        self.client.on_delete(stop)

    def inside(self, changed: Callable[[], None]) -> Callable[[], None]:
        """`changed` as something that may be called from anywhere, also after the tab is gone."""

        def call() -> None:
            if not self.client.is_deleted:
                with self.client:
                    changed()

        return call

    async def act(self, job: Callable[[AgentOpsClient], Awaitable[object]], done: str = "") -> bool:
        """Do something in the ledger with the person's right; says what came of it.

        Returns:
            Whether it was done.
        """
        try:
            ops = await self.panel.rights.client(self._session.id)
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
        self._banner.clear()
        if model.lost:
            with self._banner:
                icon("alert")
                el("span", text=strings.LEDGER_LOST)
        self._count(len(model.board.questions) if model.board else 0)

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
                for path, name, mark in _PAGES:
                    self._draw_entry(path, name, mark)
            with el("div", "rail-end"):
                ThemeSwitch()
                with el("form", action="/logout", method="post"), el("button", "button-quiet", type="submit"):
                    icon("out")
                    el("span", "rail-label", strings.SIGN_OUT)
        return rail

    def _draw_entry(self, path: str, name: str, mark: str) -> None:
        current = "page" if path == self._path else None
        with el("a", "nav-entry", href=path, aria_current=current):
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
