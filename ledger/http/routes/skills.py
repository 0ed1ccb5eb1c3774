"""/skills: what seeds have learnt."""

from typing import Annotated

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, PathParameter, QueryParameter

from agentops.wire import NewSkill, Page, RetireSkill, Skill, SkillStatus, SkillUse
from ledger.caller import Caller
from ledger.http.idempotency import answer
from ledger.http.query import Limit, SomeText
from ledger.http.services import HttpRequest, Services
from ledger.skills import registry

SkillName = Annotated[str, PathParameter(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$", max_length=100)]


@post("/")
async def register_skill(
    request: HttpRequest,
    data: JSONBody[NewSkill],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[Skill]:
    """Write a skill down, or its next version."""
    return await answer(request, services, caller, lambda: registry.register(caller, data), status=201)


@get("/")
async def list_skills(
    services: NamedDependency[Services],
    name: SomeText = None,
    status: FromQuery[SkillStatus | None] = None,
    limit: Limit = 200,
    cursor: SomeText = None,
) -> Page[Skill]:
    """All versions by name, the newest first."""
    return await registry.list_skills(services.db, name=name, status=status, limit=limit, cursor=cursor)


@get("/{name:str}")
async def get_skill(
    services: NamedDependency[Services],
    name: SkillName,
    version: Annotated[int | None, QueryParameter(ge=1, le=2**31 - 1)] = None,
) -> Skill:
    """One version; without `version`, the newest that is not retired."""
    return await registry.get_skill(services.db, name, version)


@post("/{name:str}/uses", status_code=200)
async def note_skill_use(
    request: HttpRequest,
    data: JSONBody[SkillUse],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    name: SkillName,
) -> Response[Skill]:
    """Count a use, and whether it went well."""
    return await answer(request, services, caller, lambda: registry.note_use(caller, name, data))


@post("/{name:str}/retire", status_code=200)
async def retire_skill(
    request: HttpRequest,
    data: JSONBody[RetireSkill],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    name: SkillName,
) -> Response[Page[Skill]]:
    """Take a version, or all, out of use; the answer is what was retired just now."""

    async def work() -> Page[Skill]:
        return Page(items=await registry.retire(caller, name, data))

    return await answer(request, services, caller, work)


ROUTER = Router(
    "/skills",
    route_handlers=[register_skill, list_skills, get_skill, note_skill_use, retire_skill],
    tags=["skills"],
)
