"""`/talk`: the conversation with the chief, on whichever channel it was held, and where to write to it."""

import asyncio
from collections.abc import Sequence
from urllib.parse import quote

from nicegui import ui
from starlette.requests import Request

from agentops.errors import AgentOpsError
from agentops.wire import Session
from ui import calling, strings
from ui.components.call_bar import CallBar
from ui.components.composer import Composer
from ui.components.elements import KeyedList, Scroller, el, icon, on_click
from ui.components.frame import Frame
from ui.components.messages import message_row
from ui.conversation import Message
from ui.pages.record import other_sessions
from ui.panel import Panel

LOAD_S = 2.0
MAX_OTHERS = 20


def register(panel: Panel) -> None:
    """Declare the page."""

    @ui.page("/talk", title=strings.titled(strings.TALK))
    async def talk(request: Request) -> None:
        own = panel.settings.session
        others, _ = await asyncio.gather(other_sessions(panel.ops, own), panel.conversation.fresh(LOAD_S))
        Talk(Frame(panel, request, strings.TALK, "/talk"), others)


class Talk:
    """One tab's chat."""

    def __init__(self, frame: Frame, others: Sequence[tuple[Session, str]]) -> None:
        self._frame = frame
        self._others = others[:MAX_OTHERS]
        self._talk = frame.panel.conversation
        frame.client.content.classes("content-full")
        with el("div", "page page-talk"):
            el("h1", "sr-only", strings.TALK)
            if self._others:
                self._draw_others()
            self._draw()
        frame.client.on_delete(self._talk.watch(frame.inside(self._show)))
        self._show()

    def _draw_others(self) -> None:
        with el("nav", "filters talk-others", aria_label=strings.OTHERS):
            el("a", "filter", strings.OWN_SESSION, href="/talk", aria_current="true")
            for session, name in self._others:
                el("a", "filter", name, href=f"/talk/{quote(session.id, safe='')}")

    def _draw(self) -> None:
        with Scroller(strings.TALK) as self._scroller:
            self._earlier = on_click(
                el("button", "button button-small", strings.EARLIER, type="button"), self._load
            )
            self._welcome = el("div", "welcome")
            self._messages = KeyedList[Message](
                el("ol", "messages"),
                key=lambda message: message.id,
                draw=message_row,
                classes="message-row",
            )
        with el("div", "talk-foot"):
            with el("div", "banner banner-talk", role="status") as self._lost:
                icon("alert")
                el("span", text=strings.GATEWAY_LOST)
            CallBar(calling.PATH)
            composer = Composer("/talk/turns", self._frame.panel.settings.max_upload_bytes)
            composer.on("sent", lambda: self._scroller.run_method("toEnd"), args=[])
        self._draw_welcome(composer)

    def _draw_welcome(self, composer: Composer) -> None:
        with self._welcome:
            el("h2", text=strings.TALK_EMPTY)
            el("p", text=strings.TALK_EMPTY_HOW)
            with el("div", "choices"):
                for example in strings.TALK_EXAMPLES:
                    self._draw_example(composer, example)

    @staticmethod
    def _draw_example(composer: Composer, example: str) -> None:
        on_click(el("button", "button", example, type="button"), lambda: composer.suggest(example))

    def _show(self) -> None:
        messages = self._talk.messages
        self._welcome.set_visibility(not messages)
        self._earlier.set_visibility(self._talk.has_earlier)
        self._lost.set_visibility(not self._talk.connected)
        self._messages.show(messages)

    async def _load(self) -> None:
        try:
            await self._talk.load_earlier()
        except AgentOpsError:
            self._frame.toast(strings.LEDGER_UNAVAILABLE, bad=True)
