"""`/facts`: what is known about a person, to be read, exported and put right."""

import time
from typing import Annotated

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from brain.chief.errors import ToolRefused
from brain.chief.facts import Fact
from brain.chief.http.problems import ChatProblem
from brain.chief.http.services import ChatServices
from brain.chief.work import OWNER

PersonKey = Annotated[str, QueryParameter(name="person", max_length=200)]
"""Id of a member; left out, what the owners share."""


class KnownFact(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    text: str
    at: float
    """When it was told, in seconds since 1970."""


class NewFact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: str
    replaces: str = ""
    """Id of the fact that it stands for from now on; empty: it is one more."""


class KnownFacts(msgspec.Struct, frozen=True, kw_only=True):
    person: str
    facts: list[KnownFact]


@get("/facts")
async def list_facts(services: NamedDependency[ChatServices], person: PersonKey = OWNER) -> KnownFacts:
    """All that is known about a person, the first told first."""
    return KnownFacts(person=person, facts=[_known(one) for one in await services.facts.of(person)])


@post("/facts", status_code=201)
async def add_fact(
    data: JSONBody[NewFact], services: NamedDependency[ChatServices], person: PersonKey = OWNER
) -> KnownFact:
    """Remember one more, or put one right."""
    old = await _found(services, person, data.replaces) if data.replaces else None
    try:
        made = await services.facts.remember(person, data.text, time.time())
    except ToolRefused as refused:
        raise ChatProblem(422, refused.code, refused.detail) from refused
    if old is not None and old.id != made.id:
        await services.facts.forget(person, old)
    return _known(made)


@delete("/facts/{fact_id:str}", status_code=204)
async def forget_fact(
    fact_id: FromPath[str], services: NamedDependency[ChatServices], person: PersonKey = OWNER
) -> None:
    """Forget one for good."""
    await services.facts.forget(person, await _found(services, person, fact_id))


async def _found(services: ChatServices, person: str, fact_id: str) -> Fact:
    found = next((one for one in await services.facts.of(person) if one.id == fact_id), None)
    if found is None:
        raise ChatProblem(404, "fact_not_found", "There is no such fact; GET /facts lists them.")
    return found


def _known(fact: Fact) -> KnownFact:
    return KnownFact(id=fact.id, text=fact.text, at=fact.at)
