"""Forms: native fields with visible labels, sent as one thing, and buttons that ask before they act."""

from collections.abc import Awaitable, Callable, Mapping

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from ui import strings
from ui.components.elements import Act, el, on_click

Values = Mapping[str, str]
"""What a form was sent with, by the names of its fields; a box that is not ticked is missing."""

_WHOLE_FORM = (
    "(event) => { event.preventDefault(); emit(Object.fromEntries("
    "[...new FormData(event.target)].filter(([, value]) => typeof value === 'string'))); }"
)


def on_form(form: Element, act: Callable[[Values], Awaitable[None] | None]) -> Element:
    """Call `act` with everything in the form when it is sent."""

    def submitted(event: GenericEventArguments) -> Awaitable[None] | None:
        sent = event.args if isinstance(event.args, dict) else {}
        return act({str(name): str(value).strip() for name, value in sent.items()})

    form.on("submit", submitted, js_handler=_WHOLE_FORM)
    return form


def field(
    label: str,
    name: str,
    *,
    value: str = "",
    kind: str = "text",
    hint: str | None = None,
    required: bool = False,
    maxlength: int = 200,
    classes: str = "",
) -> None:
    """One line to write in, with its label above.

    `defaultValue`, because Vue would set `value` anew at every change of the page, over what is being typed.
    """
    with el("label", f"labelled {classes}"):
        el("span", "label", label)
        el(
            "input",
            "field",
            name=name,
            type=kind,
            defaultValue=value,
            placeholder=hint,
            required=required or None,
            maxlength=maxlength if kind in {"text", "search", "tel"} else None,
            autocomplete="off",
        )


def area(label: str, name: str, *, value: str = "", maxlength: int = 10_000) -> None:
    """Several lines to write in."""
    with el("label", "labelled labelled-wide"):
        el("span", "label", label)
        el("textarea", "field", name=name, rows=2, maxlength=maxlength, defaultValue=value)


def choice(
    label: str, name: str, options: Mapping[str, str], *, value: str = "", classes: str = ""
) -> Element:
    """One of a few; `options` are texts by value."""
    with el("label", f"labelled {classes}"):
        el("span", "label", label)
        with el("select", "field", name=name) as select:
            for option, text in options.items():
                el("option", "", text, value=option, selected=True if option == value else None)
    return select


def tick(label: str, name: str, *, checked: bool) -> None:
    """A box to tick."""
    with el("label", "tick"):
        el("input", type="checkbox", name=name, value="yes", checked=checked or None)
        el("span", text=label)


def submit(label: str = strings.SAVE, *, main: bool = False) -> None:
    """What sends the form."""
    el("button", "button button-main" if main else "button", label, type="submit")


class Sure:
    """A button that asks before it acts, in its own place.

    Args:
        label: of the button.
        question: what it asks.
        yes: of the button that acts.
        act: what is done then.
        name: what it is about, for who does not see where the button is.
    """

    def __init__(
        self, label: str, question: str, yes: str, act: Act, *, name: str = "", classes: str = "button"
    ) -> None:
        self._label, self._question, self._yes, self._name = label, question, yes, name
        self._act = act
        self._classes = classes
        self._node = el("span", "sure")
        with self._node:
            self._draw_button()

    def _draw_button(self) -> Element:
        with el("button", self._classes, type="button") as button:
            el("span", text=self._label)
            if self._name:
                el("span", "sr-only", self._name)
        return on_click(button, self._ask)

    def _ask(self) -> None:
        self._node.clear()
        with self._node:
            el("span", "ask-sure", self._question)
            with on_click(el("button", "button button-bad", type="button"), self._done) as yes:
                el("span", text=self._yes)
            on_click(el("button", "button", strings.CANCEL, type="button"), self._back)
        yes.run_method("focus")

    def _back(self) -> None:
        self._node.clear()
        with self._node:
            self._draw_button().run_method("focus")

    async def _done(self) -> None:
        self._back()
        done = self._act()
        if done is not None:
            await done
