"""HTML elements by their own names, so that pages have the structure and the roles that browsers know."""

from collections.abc import Awaitable, Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar, overload

from nicegui.element import Element
from nicegui.elements.html import Html
from nicegui.elements.mixins.text_element import TextElement
from nicegui.events import GenericEventArguments

from ui import markup

Attribute = str | int | float | bool | None
Act = Callable[[], Awaitable[None] | None]
T = TypeVar("T")

_FORM_VALUE = "(event) => {{ event.preventDefault(); emit(new FormData(event.target).get('{name}') || ''); }}"


@overload
def el(tag: str, classes: str = "", *, text: str, **attributes: Attribute) -> TextElement: ...
@overload
def el(tag: str, classes: str, text: str, **attributes: Attribute) -> TextElement: ...
@overload
def el(tag: str, classes: str = "", text: None = None, **attributes: Attribute) -> Element: ...
def el(tag: str, classes: str = "", text: str | None = None, **attributes: Attribute) -> Element:
    """An element; `aria_label="x"` becomes `aria-label`, `for_="x"` becomes `for`, None is left out.

    Text is always a text node: it needs no escaping and can hold no markup.
    """
    node = Element(tag) if text is None else TextElement(tag=tag, text=text)
    if classes:
        node.classes(classes)
    for name, value in attributes.items():
        if value is not None:
            node.props[name.rstrip("_").replace("_", "-")] = value
    return node


def icon(name: str, classes: str = "") -> Element:
    """A drawn mark beside a text that says the same."""
    return el("span", f"icon icon-{name} {classes}", aria_hidden="true")


def markdown(text: str, pictures: dict[str, str] | None = None, classes: str = "") -> Html:
    """Markdown, made harmless on the server and sanitised once more in the browser."""
    node = Html(markup.to_html(text, pictures))
    node.classes(f"prose {classes}")
    return node


@contextmanager
def table(label: str, classes: str = "figures") -> Iterator[Element]:
    """A table that scrolls in its own place, by the keyboard too; yields what to hide to hide it all."""
    with (
        el("div", "table-scroll", tabindex=0, role="group", aria_label=label) as scroll,
        el("table", classes),
    ):
        yield scroll


def on_click(node: Element, act: Act) -> Element:
    """Call `act` when it is clicked, or chosen by the keyboard."""
    node.on("click", lambda: act(), args=[])
    return node


def on_submit(form: Element, field: str, act: Callable[[str], Awaitable[None] | None]) -> Element:
    """Call `act` with the value of the form's field `field` (a name in code, never a text of the ledger)."""

    def submitted(event: GenericEventArguments) -> Awaitable[None] | None:
        return act(str(event.args or ""))

    form.on("submit", submitted, js_handler=_FORM_VALUE.format(name=field))
    return form


class Moment(Element, component="moment.js"):
    """A time, in the reader's own zone, that stays right while the page is open.

    Args:
        at: the time.
        form: `ago` ("5 min ago"), `since` ("5 min"), or `clock` ("14:05", with the day when it is not today).
    """

    def __init__(self, at: datetime, form: str = "ago") -> None:
        super().__init__()
        self.props["at"] = at.isoformat()
        self.props["form"] = form


class Scroller(Element, component="scroller.js"):
    """A column that stays at its end while things are added there, unless the reader has scrolled up."""

    def __init__(self, label: str) -> None:
        super().__init__()
        self.props["label"] = label


class Part:
    """A part of a page that is drawn anew when what it shows differs."""

    def __init__(self, element: Element, draw: Callable[[], None]) -> None:
        self._element = element
        self._draw = draw
        self._shown: object = None

    def show(self, what: object) -> None:
        """Draw, unless the same is shown already."""
        if what == self._shown:
            return
        self._shown = what
        self._element.clear()
        with self._element:
            self._draw()


@dataclass
class _Row:
    element: Element
    shown: object


class KeyedList(Generic[T]):
    """Rows that follow a sequence: those that did not change are left alone, with what was typed into them.

    Args:
        container: where the rows live.
        tag: of each row.
        key: tells rows apart.
        draw: fills an empty row.
        classes: of each row.
    """

    def __init__(
        self,
        container: Element,
        *,
        key: Callable[[T], Hashable],
        draw: Callable[[T], None],
        tag: str = "li",
        classes: str = "",
    ) -> None:
        self._container = container
        self._tag = tag
        self._key = key
        self._draw = draw
        self._classes = classes
        self._rows: dict[Hashable, _Row] = {}

    def show(self, items: Sequence[T]) -> None:
        """Make the rows be these."""
        wanted = {self._key(item): item for item in items}
        for key in [key for key in self._rows if key not in wanted]:
            self._rows.pop(key).element.delete()
        for place, (key, item) in enumerate(wanted.items()):
            self._show_one(key, item)
            element = self._rows[key].element
            children = self._container.default_slot.children
            if children.index(element) != place:
                element.move(self._container, place)

    def _show_one(self, key: Hashable, item: T) -> None:
        row = self._rows.get(key)
        if row is not None and row.shown == item:
            return
        if row is None:
            with self._container:
                row = self._rows[key] = _Row(el(self._tag, self._classes), item)
        else:
            row.element.clear()
            row.shown = item
        with row.element:
            self._draw(item)
