"""`/people/{id}`: one person: where they are reached and how they want to hear of things."""

import asyncio
from dataclasses import dataclass

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agentops import AgentOpsClient
from agentops.errors import NotFound, ValidationFailed
from agentops.wire import (
    Attention,
    Contact,
    NewContact,
    Person,
    PersonId,
    PersonPatch,
    Preferences,
    PreferencesPatch,
    Role,
)
from ui import plain, strings
from ui.components.elements import KeyedList, Part, el, icon
from ui.components.forms import Sure, Values, choice, field, on_form, submit, tick
from ui.components.frame import Frame, section
from ui.panel import Panel
from ui.reading import Reading, Readings, of_types
from ui.strings import people as words

LOAD_S = 2.0


@dataclass(frozen=True)
class PersonView:
    """A person and their preferences; None when there is no such person (any more)."""

    person: Person | None
    preferences: Preferences | None = None


async def load_person(ops: AgentOpsClient, person_id: PersonId) -> PersonView:
    """Read it from the ledger."""
    try:
        person = await ops.get_person(person_id)
        return PersonView(person, await ops.get_preferences(person_id))
    except (NotFound, ValidationFailed):
        return PersonView(None)


def register(panel: Panel) -> None:
    """Declare the page."""

    def reading(person_id: PersonId) -> Reading[PersonView]:
        return Reading(lambda: load_person(panel.ops, person_id), of_types("person.*"), panel.following)

    known = Readings(reading)

    @ui.page("/people/{person_id}", title=strings.titled(strings.PEOPLE))
    async def person(request: Request, person_id: str) -> Response | None:
        shown = known.of(PersonId(person_id))
        view, _ = await asyncio.gather(shown.fresh(LOAD_S), panel.board.fresh(LOAD_S))
        if view is not None and view.person is None:
            return plain.not_found(words.NOT_FOUND)
        title = view.person.name if view and view.person else strings.PEOPLE
        PersonPage(Frame(panel, request, title, "/people"), shown)
        return None


class PersonPage:
    """One tab's view of a person."""

    def __init__(self, frame: Frame, shown: Reading[PersonView]) -> None:
        self._frame = frame
        self._shown = shown
        with el("div", "page page-narrow"):
            self._draw()
        frame.follow(shown, self._show)

    def _draw(self) -> None:
        with el("header", "page-head"):
            with el("a", "back", href="/people"):
                icon("back")
                el("span", text=strings.PEOPLE)
            self._title = el("h1", text="")
        with el("div", "sheet"):
            with section(words.CONTACTS):
                self._contacts = KeyedList[Contact](
                    el("ul", "entries"),
                    key=lambda contact: contact.id,
                    draw=self._draw_contact,
                    classes="entry entry-line",
                )
                self._no_contacts = el("p", "empty-line", words.NO_CONTACTS)
                with on_form(el("form", "form"), self._add_contact):
                    choice(words.CHANNEL, "channel", {"phone": words.CHANNELS["phone"]}, value="phone")
                    field(words.ADDRESS, "address", kind="tel", hint=words.ADDRESS_HINT, required=True)
                    submit(words.ADD_CONTACT)
            with section(words.PREFERENCES):
                self._preferences = Part(el("div"), self._draw_preferences)
            with section(words.ABOUT):
                self._about = Part(el("div"), self._draw_about)
                Sure(
                    words.FORGET,
                    words.FORGET_SURE,
                    words.FORGET_YES,
                    self._forget,
                    classes="button button-bad",
                )

    def _show(self, view: PersonView) -> None:
        person = view.person
        if person is None:
            self._frame.client.open("/people")
            return
        self._title.text = person.name
        self._contacts.show(person.contacts)
        self._no_contacts.set_visibility(not person.contacts)
        self._preferences.show(view.preferences)
        self._about.show((person.name, person.role, person.time_zone, person.language))

    def _draw_contact(self, contact: Contact) -> None:
        el("span", "strong", words.CHANNELS.get(contact.channel, contact.channel))
        el("span", "contact-address", contact.label or contact.address)
        el("span", "quiet", words.PROVEN if contact.verified_at else words.UNPROVEN)
        with el("span", "entry-end"):
            Sure(
                words.REMOVE,
                words.REMOVE_SURE,
                words.REMOVE_YES,
                lambda: self._remove(contact),
                name=contact.address,
                classes="button-quiet",
            )

    def _draw_preferences(self) -> None:
        preferences = self._shown.value.preferences if self._shown.value else None
        if preferences is None:
            return
        with on_form(el("form", "form"), self._save_preferences):
            for event_type, text in words.NEWS.items():
                choice(text, event_type, words.ATTENTION, value=preferences.attention_to(event_type))
            for name, text in _TIMES.items():
                field(text, name, kind="time", value=getattr(preferences, name) or "")
            after_s = preferences.escalate_after_s
            field(
                words.ESCALATE,
                "escalate",
                value=f"{after_s / 60:g}" if after_s else "",
                classes="labelled-short",
            )
            tick(words.VOICE_REPLIES, "voice_replies", checked=preferences.voice_replies)
            submit()

    def _draw_about(self) -> None:
        person = self._shown.value.person if self._shown.value else None
        if person is None:
            return
        with on_form(el("form", "form"), self._save_about):
            field(words.NAME, "name", value=person.name, required=True)
            choice(words.ROLE, "role", words.ROLES, value=person.role)
            field(words.TIME_ZONE, "time_zone", value=person.time_zone, required=True)
            field(words.LANGUAGE, "language", value=person.language, required=True)
            submit()

    # --- acting

    async def _add_contact(self, values: Values) -> None:
        contact = NewContact(channel=values.get("channel", ""), address=values.get("address", ""))
        person_id = self._person_id
        if await self._frame.act(lambda ops: ops.add_contact(person_id, contact), strings.SAVED):
            self._shown.poke()

    async def _remove(self, contact: Contact) -> None:
        await self._frame.act(lambda ops: ops.remove_contact(contact.id), strings.SAVED)
        self._shown.poke()

    async def _save_preferences(self, values: Values) -> None:
        known = self._shown.value.preferences if self._shown.value else None
        if known is None:
            return
        try:
            patch = patch_of(values, known)
        except (ValueError, OverflowError):
            self._frame.toast(words.NOT_A_NUMBER, bad=True)
            return
        await self._frame.act(lambda ops: ops.update_preferences(known.person_id, patch), strings.SAVED)
        self._shown.poke()

    async def _save_about(self, values: Values) -> None:
        patch = PersonPatch(
            name=values.get("name", ""),
            role=Role(values.get("role", "")),
            time_zone=values.get("time_zone", ""),
            language=values.get("language", ""),
        )
        person_id = self._person_id
        await self._frame.act(lambda ops: ops.update_person(person_id, patch), strings.SAVED)
        self._shown.poke()

    async def _forget(self) -> None:
        person_id = self._person_id
        await self._frame.act(lambda ops: ops.delete_person(person_id))
        self._shown.poke()

    @property
    def _person_id(self) -> PersonId:
        person = self._shown.value.person if self._shown.value else None
        return person.id if person else PersonId("")


_TIMES = {
    "quiet_from": words.QUIET_FROM,
    "quiet_to": words.QUIET_TO,
    "digest_at": words.DIGEST_AT,
    "brief_at": words.BRIEF_AT,
}


def patch_of(values: Values, known: Preferences) -> PreferencesPatch:
    """What the form changes; rules that it does not show stay.

    Raises:
        ValueError: the minutes are not a number.
        OverflowError: they are endless.
    """
    chosen = {name: Attention(values[name]) for name in words.NEWS if values.get(name) in words.ATTENTION}
    minutes = values.get("escalate", "").replace(",", ".")
    return PreferencesPatch(
        rules={**known.rules, **chosen},
        quiet_from=values.get("quiet_from") or None,
        quiet_to=values.get("quiet_to") or None,
        digest_at=values.get("digest_at") or None,
        brief_at=values.get("brief_at") or None,
        escalate_after_s=round(float(minutes) * 60) if minutes else None,
        voice_replies="voice_replies" in values,
        version=known.version,
    )
