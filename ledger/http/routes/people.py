"""/people, /contacts and /pairings."""

from typing import Annotated

from litestar import Response, Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from agentops.wire import (
    ApprovePairing,
    Contact,
    NewContact,
    NewPairing,
    NewPerson,
    Page,
    Pairing,
    PairingStatus,
    Person,
    PersonPatch,
    Preferences,
    PreferencesPatch,
    RejectPairing,
)
from ledger.caller import Caller
from ledger.errors import NotFound, PersonNotFound
from ledger.http.idempotency import answer
from ledger.http.query import Limit, SomeText
from ledger.http.services import HttpRequest, Services
from ledger.ids import known
from ledger.people import pairings, people, preferences


def _id(person_id: str) -> str:
    return known(person_id, PersonNotFound, "person")


@post("/")
async def create_person(
    request: HttpRequest,
    data: JSONBody[NewPerson],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[Person]:
    """Make a person known."""
    return await answer(request, services, caller, lambda: people.create_person(caller, data), status=201)


@get("/")
async def list_people(
    caller: NamedDependency[Caller],
    channel: SomeText = None,
    address: SomeText = None,
    verified: Annotated[bool, QueryParameter()] = False,
) -> Page[Person]:
    """People; with `channel` and `address` whose address that is, with `verified` only if it is proven."""
    return Page(items=await people.list_people(caller, channel=channel, address=address, verified=verified))


@get("/{person_id:str}")
async def get_person(caller: NamedDependency[Caller], person_id: FromPath[str]) -> Person:
    """One person."""
    return await people.get_person(caller, _id(person_id))


@patch("/{person_id:str}")
async def update_person(
    request: HttpRequest,
    data: JSONBody[PersonPatch],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    person_id: FromPath[str],
) -> Response[Person]:
    """Change what the body names."""
    return await answer(request, services, caller, lambda: people.update_person(caller, _id(person_id), data))


@delete("/{person_id:str}")
async def delete_person(
    caller: NamedDependency[Caller], services: NamedDependency[Services], person_id: FromPath[str]
) -> None:
    """Forget a person, with contacts and preferences."""
    await people.delete_person(caller, _id(person_id))
    services.wake.announce(caller.announced)


@post("/{person_id:str}/contacts")
async def add_contact(
    request: HttpRequest,
    data: JSONBody[NewContact],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    person_id: FromPath[str],
) -> Response[Contact]:
    """Write down where a person is reached."""
    return await answer(
        request, services, caller, lambda: people.add_contact(caller, _id(person_id), data), status=201
    )


@get("/{person_id:str}/preferences")
async def get_preferences(caller: NamedDependency[Caller], person_id: FromPath[str]) -> Preferences:
    """How a person wants to hear of things."""
    return await preferences.get_preferences(caller, _id(person_id))


@patch("/{person_id:str}/preferences")
async def update_preferences(
    request: HttpRequest,
    data: JSONBody[PreferencesPatch],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    person_id: FromPath[str],
) -> Response[Preferences]:
    """Change what the body names."""
    return await answer(
        request, services, caller, lambda: preferences.update_preferences(caller, _id(person_id), data)
    )


@get("/")
async def list_contacts(
    caller: NamedDependency[Caller], channel: SomeText = None, address: SomeText = None
) -> Page[Contact]:
    """Contacts, by channel and address."""
    return Page(items=await people.list_contacts(caller, channel=channel, address=address))


@delete("/{contact_id:str}")
async def remove_contact(
    caller: NamedDependency[Caller], services: NamedDependency[Services], contact_id: FromPath[str]
) -> None:
    """Forget an address."""
    await people.remove_contact(caller, known(contact_id, NotFound, "contact"))
    services.wake.announce(caller.announced)


@post("/")
async def create_pairing(
    request: HttpRequest,
    data: JSONBody[NewPairing],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[Pairing]:
    """Get a code for a stranger; who waits already gets the same one."""
    return await answer(request, services, caller, lambda: pairings.ask(caller, data), status=201)


@get("/")
async def list_pairings(
    caller: NamedDependency[Caller],
    status: FromQuery[PairingStatus | None] = None,
    limit: Limit = 200,
) -> Page[Pairing]:
    """Who has asked to be let in, newest first."""
    return Page(items=await pairings.list_pairings(caller, status=status, limit=limit))


@post("/approve", status_code=200)
async def approve_pairing(
    request: HttpRequest,
    data: JSONBody[ApprovePairing],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[Person]:
    """Let a stranger in; the first ever becomes the owner."""
    return await answer(request, services, caller, lambda: pairings.approve(caller, data))


@post("/reject", status_code=200)
async def reject_pairing(
    request: HttpRequest,
    data: JSONBody[RejectPairing],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[Pairing]:
    """Send a stranger away."""
    return await answer(request, services, caller, lambda: pairings.reject(caller, data.code))


PEOPLE = Router(
    "/people",
    route_handlers=[
        create_person, list_people, get_person, update_person, delete_person, add_contact,
        get_preferences, update_preferences,
    ],
    tags=["people"],
)  # fmt: skip
CONTACTS = Router("/contacts", route_handlers=[list_contacts, remove_contact], tags=["people"])
PAIRINGS = Router(
    "/pairings",
    route_handlers=[create_pairing, list_pairings, approve_pairing, reject_pairing],
    tags=["people"],
)
