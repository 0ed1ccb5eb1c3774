"""The registry of skills."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from agentops import AgentOpsClient, errors
from agentops.wire import (
    ArtifactId,
    ClaimNextRequest,
    NewSkill,
    NewTask,
    RetireSkill,
    SkillStatus,
    SkillUse,
)
from tests.integration.ledger.api import Api

ONE, TWO = "1" * 64, "2" * 64


@pytest.fixture
async def seed(ledger_url: str, agent_key: str) -> AsyncIterator[AgentOpsClient]:
    async with AgentOpsClient(ledger_url, agent_key) as client:
        yield client


async def test_a_skill_gets_a_version_for_each_content(ops: AgentOpsClient, admin: Api) -> None:
    artifact = await ops.upload("skill.zip", b"x", media_type="application/zip")
    new = NewSkill(name="csv", sha256=ONE, artifact_id=artifact.id, description="reads")
    first, again, second = [
        await ops.register_skill(skill) for skill in (new, new, NewSkill(name="csv", sha256=TWO))
    ]
    assert first == again
    assert [(skill.version, skill.artifact_id) for skill in (first, second)] == [(1, artifact.id), (2, None)]
    assert await ops.get_skill("csv") == second
    assert await ops.get_skill("csv", version=1) == first
    await ops.register_skill(NewSkill(name="bars", sha256=ONE))
    listed = [(skill.name, skill.version) for skill in await ops.list_skills()]
    assert listed == [("bars", 1), ("csv", 2), ("csv", 1)]
    page = await admin.get("/skills", limit=2)
    rest = await admin.get("/skills", limit=2, cursor=page["next"])
    assert ([one["version"] for one in page["items"] + rest["items"]], rest["next"]) == ([1, 2, 1], None)
    assert (await admin.types()).count("skill.registered") == 3


async def test_registering_at_once_makes_one_version_of_each_content(ops: AgentOpsClient) -> None:
    contents = [f"{n % 4:064x}" for n in range(16)]
    made = await asyncio.gather(*(ops.register_skill(NewSkill(name="csv", sha256=one)) for one in contents))
    assert sorted({skill.version for skill in made}) == [1, 2, 3, 4]
    assert len({skill.id for skill in made}) == 4


async def test_a_skill_that_keeps_failing_is_retired(ops: AgentOpsClient, admin: Api) -> None:
    await ops.register_skill(NewSkill(name="csv", sha256=ONE))

    async def use(*, succeeded: bool) -> SkillStatus:
        return (await ops.note_skill_use("csv", SkillUse(version=1, succeeded=succeeded))).status

    for succeeded in (False, False, False, False, True, False, False, False, False):
        assert await use(succeeded=succeeded) is SkillStatus.REGISTERED
    assert await use(succeeded=False) is SkillStatus.RETIRED
    assert await use(succeeded=False) is SkillStatus.RETIRED
    skill = await ops.get_skill("csv", version=1)
    assert (skill.uses, skill.failures, skill.reason) == (11, 10, "it failed 5 times in a row")
    with pytest.raises(errors.SkillNotFound):
        await ops.get_skill("csv")
    with pytest.raises(errors.SkillRetired):
        await ops.register_skill(NewSkill(name="csv", sha256=ONE))
    assert (await ops.register_skill(NewSkill(name="csv", sha256=TWO))).version == 2
    assert await admin.types(types="skill.*") == ["skill.registered", "skill.retired", "skill.registered"]


async def test_uses_at_once_are_all_counted(ops: AgentOpsClient) -> None:
    await ops.register_skill(NewSkill(name="csv", sha256=ONE))
    await asyncio.gather(
        *(ops.note_skill_use("csv", SkillUse(version=1, succeeded=n % 2 == 0)) for n in range(20))
    )
    skill = await ops.get_skill("csv", version=1)
    assert (skill.uses, skill.failures) == (20, 10)


async def test_a_skill_is_retired_by_hand_once(ops: AgentOpsClient, admin: Api) -> None:
    for content in (ONE, TWO):
        await ops.register_skill(NewSkill(name="csv", sha256=content))
    retired = await ops.retire_skill("csv", RetireSkill(reason="unsafe"))
    assert [skill.version for skill in retired] == [2, 1]
    assert await ops.retire_skill("csv", RetireSkill(reason="again")) == []
    assert {skill.reason for skill in await ops.list_skills(status=SkillStatus.RETIRED)} == {"unsafe"}
    for wish in (RetireSkill(reason="x", version=9), RetireSkill(reason="x")):
        with pytest.raises(errors.SkillNotFound):
            await ops.retire_skill("csv" if wish.version else "none", wish)
    assert (await admin.types()).count("skill.retired") == 2


async def test_a_worker_writes_skills_only_under_its_claim(ops: AgentOpsClient, seed: AgentOpsClient) -> None:
    with pytest.raises(errors.Forbidden):
        await seed.register_skill(NewSkill(name="csv", sha256=ONE))
    await ops.create_task(NewTask(title="Learn"))
    (claim,) = await seed.claim_next(ClaimNextRequest(agent="seed-1"))
    skill = await seed.register_skill(
        NewSkill(name="csv", sha256=ONE, task_id=claim.task.id, epoch=claim.epoch)
    )
    used = await seed.note_skill_use(
        "csv", SkillUse(version=skill.version, succeeded=True, task_id=claim.task.id, epoch=claim.epoch)
    )
    assert used.uses == 1
    for epoch in (claim.epoch + 1, 0):
        with pytest.raises(errors.StaleClaim):
            await seed.note_skill_use(
                "csv", SkillUse(version=1, succeeded=False, task_id=claim.task.id, epoch=epoch)
            )
    with pytest.raises(errors.Forbidden):
        await seed.retire_skill("csv", RetireSkill(reason="x"))
    assert (await seed.get_skill("csv")).failures == 0


async def test_a_skill_of_an_unknown_artifact_is_refused(ops: AgentOpsClient) -> None:
    unknown = ArtifactId("00000000-0000-0000-0000-000000000000")
    with pytest.raises(errors.ValidationFailed):
        await ops.register_skill(NewSkill(name="csv", sha256=ONE, artifact_id=unknown))
    with pytest.raises(errors.SkillNotFound):
        await ops.note_skill_use("csv", SkillUse(version=1, succeeded=True))
