"""`/talk`: the conversation with the chief, on whichever channel it was held, and where to write to it."""

from nicegui import ui
from nicegui.element import Element
from starlette.requests import Request

from agentops.errors import AgentOpsError
from ui import strings
from ui.components import artifacts
from ui.components.composer import Composer
from ui.components.elements import KeyedList, Moment, Scroller, el, icon, markdown, on_click
from ui.components.frame import Frame
from ui.conversation import Message
from ui.panel import Panel

LOAD_S = 2.0


def register(panel: Panel) -> None:
    """Declare the page."""

    @ui.page("/talk", title=strings.titled(strings.TALK))
    async def talk(request: Request) -> None:
        await panel.conversation.fresh(LOAD_S)
        Talk(Frame(panel, request, strings.TALK, "/talk"))


class Talk:
    """One tab's chat."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._talk = frame.panel.conversation
        frame.client.content.classes("content-full")
        with el("div", "page page-talk"):
            el("h1", "sr-only", strings.TALK)
            self._draw()
        frame.client.on_delete(self._talk.watch(frame.inside(self._show)))
        self._show()

    def _draw(self) -> None:
        with Scroller(strings.TALK) as self._scroller:
            self._earlier = on_click(
                el("button", "button button-small", strings.EARLIER, type="button"), self._load
            )
            self._welcome = el("div", "welcome")
            self._messages = KeyedList[Message](
                el("ol", "messages"),
                key=lambda message: message.id,
                draw=self._draw_message,
                classes="message-row",
            )
        with el("div", "talk-foot"):
            with el("div", "banner banner-talk", role="status") as self._lost:
                icon("alert")
                el("span", text=strings.GATEWAY_LOST)
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

    def _draw_message(self, message: Message) -> None:
        role = message.role if message.role in {"person", "notice"} else "chief"
        with el("article", f"message message-{role}"):
            self._draw_head(message, role)
            self._draw_text(message, role)
            self._draw_files(message)
            if message.task_id and role == "notice":
                with el("a", "message-link", href=f"/tasks/{message.task_id}"):
                    el("span", text=strings.OPEN_TASK)
                    icon("go")

    @staticmethod
    def _draw_head(message: Message, role: str) -> None:
        names = {"person": strings.YOU, "notice": strings.NOTICE, "chief": strings.CHIEF}
        with el("header", "message-head"):
            el("span", "message-who", names[role])
            if message.channel in {"telegram", "phone"}:
                el("span", text=message.channel.capitalize())
            Moment(message.at, "clock")

    @staticmethod
    def _draw_text(message: Message, role: str) -> None:
        if message.partial and not message.text:
            with el("p", "thinking", role="status"):
                el("span", text=strings.THINKING)
                _dots()
        elif role == "person":
            el("p", "message-text", message.text)
        elif message.text:
            markdown(message.text)

    @staticmethod
    def _draw_files(message: Message) -> None:
        if message.files:
            with el("div", "message-files"):
                for file in message.files:
                    artifacts.attachment(file)


def _dots() -> Element:
    with el("span", "dots", aria_hidden="true") as dots:
        for _ in range(3):
            el("span")
    return dots
