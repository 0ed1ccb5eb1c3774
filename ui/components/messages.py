"""What was said, as a conversation shows it."""

from nicegui.element import Element

from ui import strings
from ui.components import artifacts
from ui.components.elements import Moment, el, icon, markdown
from ui.conversation import Message


def message_row(message: Message) -> None:
    """Who said it, where and when, and what."""
    role = message.role if message.role in {"person", "notice"} else "chief"
    with el("article", f"message message-{role}"):
        _draw_head(message, role)
        _draw_text(message, role)
        _draw_files(message)
        if message.task_id and role == "notice":
            with el("a", "message-link", href=f"/tasks/{message.task_id}"):
                el("span", text=strings.OPEN_TASK)
                icon("go")


def _draw_head(message: Message, role: str) -> None:
    names = {"person": strings.YOU, "notice": strings.NOTICE, "chief": strings.CHIEF}
    with el("header", "message-head"):
        el("span", "message-who", names[role])
        if message.channel in {"telegram", "phone", "call"}:
            el("span", text=strings.CHANNELS[message.channel])
        Moment(message.at, "clock")


def _draw_text(message: Message, role: str) -> None:
    if message.partial and not message.text:
        with el("p", "thinking", role="status"):
            el("span", text=strings.THINKING)
            _dots()
    elif role == "person":
        el("p", "message-text", message.text)
    elif message.text:
        markdown(message.text)


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
