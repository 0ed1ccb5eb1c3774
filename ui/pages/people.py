"""`/people`: who may talk to the chief, and who asks to."""

import asyncio
from dataclasses import dataclass

from nicegui import ui
from starlette.requests import Request

from agentops import AgentOpsClient
from agentops.wire import Pairing, PairingStatus, Person
from ui import strings
from ui.components.elements import KeyedList, el
from ui.components.frame import Frame, section
from ui.components.pairings import PairingCard
from ui.panel import Panel
from ui.reading import Reading, of_types
from ui.strings import people as words

LOAD_S = 2.0
PULSE_S = 5.0
MAX_PEOPLE = 500


@dataclass(frozen=True)
class Circle:
    """All who are known and all who ask, at one moment."""

    people: tuple[Person, ...]
    pairings: tuple[Pairing, ...]


async def load_circle(ops: AgentOpsClient) -> Circle:
    """Read it from the ledger."""
    async with asyncio.TaskGroup() as group:
        people = group.create_task(ops.list_people())
        pairings = group.create_task(ops.list_pairings(status=PairingStatus.PENDING))
    return Circle(tuple(people.result()[:MAX_PEOPLE]), tuple(pairings.result()))


def register(panel: Panel) -> None:
    """Declare the page."""
    # That somebody asks to be let in is no event of the ledger.
    circle = Reading(lambda: load_circle(panel.ops), of_types("person.*"), panel.following, pulse_s=PULSE_S)

    @ui.page("/people", title=strings.titled(strings.PEOPLE))
    async def people(request: Request) -> None:
        await asyncio.gather(circle.fresh(LOAD_S), panel.board.fresh(LOAD_S))
        PeoplePage(Frame(panel, request, strings.PEOPLE, "/people"), circle)


class PeoplePage:
    """One tab's view of the people."""

    def __init__(self, frame: Frame, circle: Reading[Circle]) -> None:
        self._frame = frame
        self._circle = circle
        with el("div", "page page-narrow"):
            self._draw()
        frame.follow(circle, self._show)
        frame.on_change(circle.poke)

    def _draw(self) -> None:
        with el("header", "page-head"):
            el("h1", text=strings.PEOPLE)
            el("p", "lead", words.ROLES_MEAN)
        with el("div", "sheet"):
            with section(strings.NEEDS_YOU, "section-needs") as self._asking:
                self._pairings = KeyedList[Pairing](
                    el("ul", "cards"), key=lambda pairing: pairing.id, draw=self._draw_pairing
                )
            with section(strings.PEOPLE):
                self._people = KeyedList[Person](
                    el("ul", "entries"), key=lambda person: person.id, draw=_draw_person, classes="entry"
                )
                with el("div", "empty") as self._empty:
                    el("p", text=words.NONE)
                    el("p", "quiet", words.NONE_HOW)

    def _show(self, circle: Circle) -> None:
        self._asking.set_visibility(bool(circle.pairings))
        self._pairings.show(circle.pairings)
        self._people.show(circle.people)
        self._empty.set_visibility(not circle.people)

    def _draw_pairing(self, pairing: Pairing) -> None:
        PairingCard(self._frame, pairing, self._circle.value.people if self._circle.value else ())


def _draw_person(person: Person) -> None:
    with el("div", "entry-head"):
        el("a", "task-title", person.name, href=f"/people/{person.id}")
        el("span", "quiet", words.ROLES[person.role])
        with el("span", "entry-state"):
            el("span", "quiet", person.time_zone)
    reached = [words.CHANNELS.get(contact.channel, contact.channel) for contact in person.contacts]
    el("p", "entry-result", ", ".join(dict.fromkeys(reached)) or words.NO_CONTACTS)
