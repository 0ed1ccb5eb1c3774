"""Skills: what seeds have learnt, and how well it serves."""

from agentops.calls.base import Calls
from agentops.requests import path_of
from agentops.wire import NewSkill, Page, RetireSkill, Skill, SkillStatus, SkillUse


class SkillCalls(Calls):
    """`/skills`."""

    async def register_skill(self, skill: NewSkill, *, idempotency_key: str | None = None) -> Skill:
        """Write a skill down; one with a new `sha256` becomes the next version of its name.

        Raises:
            SkillRetired: This very content was retired.
            StaleClaim: `skill.epoch` is not that of the present lease.
            ValidationFailed: There is no such artifact.
        """
        return await self._transport.post("/skills", Skill, skill, key=idempotency_key)

    async def list_skills(self, *, name: str | None = None, status: SkillStatus | None = None) -> list[Skill]:
        """All versions of all skills, by name, the newest version first."""
        return await self._all("/skills", Page[Skill], {"name": name, "status": status})

    async def get_skill(self, name: str, *, version: int | None = None) -> Skill:
        """One version of a skill; None: the newest that is not retired.

        Raises:
            SkillNotFound: There is none.
        """
        return await self._transport.get(path_of("skills", name), Skill, params={"version": version})

    async def note_skill_use(self, name: str, use: SkillUse, *, idempotency_key: str | None = None) -> Skill:
        """Count a use; the answer says whether too many in a row have failed by now.

        Raises:
            SkillNotFound: There is no such version.
            StaleClaim: `use.epoch` is not that of the present lease.
        """
        return await self._transport.post(path_of("skills", name, "uses"), Skill, use, key=idempotency_key)

    async def retire_skill(
        self, name: str, retire: RetireSkill, *, idempotency_key: str | None = None
    ) -> list[Skill]:
        """Take a skill out of use; the answer is what was retired just now.

        Raises:
            SkillNotFound: There is no such skill or version.
        """
        path = path_of("skills", name, "retire")
        return (await self._transport.post(path, Page[Skill], retire, key=idempotency_key)).items
