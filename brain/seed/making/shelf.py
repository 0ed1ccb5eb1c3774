"""All skills that a worker can use: built in, made by this worker or by others, laid down by the person.

The ledger's registry says which made skills are good; the bytes come from its artifacts, are known by their
hash, and are kept on disk. A folder that nobody registered came from outside: it is not run before the person
has approved just this content.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from rapidfuzz import fuzz

from agentops import AgentOpsClient, AgentOpsError, NotFound, SkillRetired
from agentops.wire import NewSkill, SkillStatus, SkillUse
from agentops.wire import Skill as Registered
from agentops.worker import Job, insist
from brain.seed import catalog
from brain.seed.making import trying
from brain.seed.making.checking import problems_of
from brain.seed.making.errors import NotApproved, SkillGone, SkillRejected, SkillSpoilt
from brain.seed.making.folders import (
    MAX_ARCHIVE_BYTES,
    Draft,
    MadeSkill,
    digest,
    made,
    pack,
    unpack,
)
from brain.seed.making.store import SkillStore
from brain.seed.sandbox import Sandbox
from brain.seed.web.doorway import Doorway

log = structlog.get_logger(__name__)

_MOST_FOUND, _LEAST_LIKENESS = 8, 45.0

Approve = Callable[[str], Awaitable[bool]]
"""Asks the person whether something may be run."""


@dataclass(frozen=True)
class SkillCard:
    """What can be read of a skill before it is taken."""

    name: str
    description: str
    version: int | None
    """None: it is not registered."""
    built_in: bool = False
    outside: bool = False
    """It lies in the folder and needs the person's approval."""


class SkillShelf:
    """Finds, makes, keeps and calls skills; shared by all tasks of a worker.

    Args:
        ops: The ledger.
        sandbox: Where everything that was made is run.
        root: Where they lie, see `SkillStore`.
        doorway: Lets a call out to the hosts of its skill.
    """

    def __init__(
        self,
        ops: AgentOpsClient,
        sandbox: Sandbox,
        root: Path,
        doorway: Callable[[Collection[str]], Doorway] = Doorway,
    ) -> None:
        self._doorway = doorway
        self._ops = ops
        self._sandbox = sandbox
        self._store = SkillStore(root)
        self._built_in = {skill.name: skill for skill in catalog.load()}
        self._registered: dict[str, Registered] = {}

    async def refresh(self) -> None:
        """Reads the ledger's registry; of each name the newest version that is in use."""
        newest: dict[str, Registered] = {}
        for skill in await self._ops.list_skills(status=SkillStatus.REGISTERED):
            if skill.artifact_id is not None:
                newest.setdefault(skill.name, skill)
        self._registered = newest

    async def search(self, words: str) -> list[SkillCard]:
        """The skills that these words may mean, the likeliest first."""
        await self.refresh()
        cards = [*self._cards(), *await asyncio.to_thread(self._outside)]
        likeness = {card.name: _likeness(words, card) for card in cards}
        found = [card for card in cards if likeness[card.name] >= _LEAST_LIKENESS]
        return sorted(found, key=lambda card: -likeness[card.name])[:_MOST_FOUND]

    async def take(self, name: str) -> MadeSkill:
        """The newest version in use of a made skill, from the disk or from the ledger.

        Raises:
            SkillGone: there is none.
            SkillSpoilt: what the ledger gives is not what was registered.
        """
        try:
            skill = await self._ops.get_skill(name)
        except NotFound:
            raise SkillGone(f"There is no skill {name} in use.") from None
        self._registered[name] = skill
        return await self._brought(skill)

    async def make(self, draft: Draft, job: Job) -> MadeSkill:
        """Checks a draft, runs its tests, registers it under the job's claim.

        Raises:
            SkillRejected: what is wrong, for whoever wrote it.
            AgentOpsError: the ledger refuses; of a lost claim, let it pass.
        """
        problems = problems_of(draft.name, draft.description, draft.tool, draft.tests, draft.hosts)
        if draft.name in self._built_in:
            problems.append(f"{draft.name} is built in; choose another name.")
        if problems:
            log.info("skill.rejected", skill=draft.name, by="check", problems=len(problems))
            raise SkillRejected(problems)
        said = await trying.test(self._sandbox, draft.files)
        if said is not None:
            log.info("skill.rejected", skill=draft.name, by="tests")
            raise SkillRejected([f"The tests do not pass:\n{said}"])
        return await self._register(draft, job)

    async def adopt(self, name: str, job: Job, approve: Approve) -> MadeSkill:
        """A skill that the person laid into the folder: approved, then treated like any draft.

        Raises:
            SkillGone: there is no such folder.
            SkillSpoilt: the folder holds no skill.
            NotApproved: the person said no.
            SkillRejected: its own tests fail.
        """
        draft = await asyncio.to_thread(self._store.read_outside, name)
        if not await approve(
            f"The skill “{name}” came from outside: {draft.description[:300]} "
            f"(content {digest(draft.files)[:12]}). May I run it, in the sandbox and {_reach(draft.hosts)}?"
        ):
            raise NotApproved(f"You did not approve the skill {name}.")
        return await self.make(draft, job)

    async def call(
        self, skill: MadeSkill, arguments: Mapping[str, Any], workspace: Path, job: Job
    ) -> trying.Answer:
        """Calls a made skill in the sandbox, which its hosts can be reached from; counts how it went."""
        if skill.hosts:
            async with self._doorway(skill.hosts).open() as door:
                answer = await trying.call(self._sandbox, skill.tool, arguments, workspace, door)
        else:
            answer = await trying.call(self._sandbox, skill.tool, arguments, workspace)
        succeeded = answer.error is None
        log.info("skill.called", skill=skill.name, version=skill.version, succeeded=succeeded)
        use = SkillUse(version=skill.version, succeeded=succeeded, task_id=job.task.id, epoch=job.epoch)
        counted = await insist(lambda: self._ops.note_skill_use(skill.name, use))
        if counted.status is SkillStatus.RETIRED:
            self._registered.pop(skill.name, None)
            log.warning("skill.retired", skill=skill.name, version=skill.version, reason=counted.reason)
        return answer

    def fitting(self, words: str, most: int = 4) -> Sequence[str]:
        """Names of registered skills that fit a task, as of the last `refresh`."""
        cards = [card for card in self._cards() if not card.built_in]
        fit = sorted(((_likeness(words, card), card.name) for card in cards), reverse=True)
        return [name for likeness, name in fit[:most] if likeness >= _LEAST_LIKENESS]

    def names(self) -> Sequence[str]:
        """Of all registered skills, as of the last `refresh`."""
        return tuple(self._registered)

    def _cards(self) -> list[SkillCard]:
        built = [SkillCard(one.name, one.description, None, built_in=True) for one in self._built_in.values()]
        return built + [
            SkillCard(one.name, one.description, one.version) for one in self._registered.values()
        ]

    def _outside(self) -> list[SkillCard]:
        """Folders whose content nobody registered."""
        known = {one.name: one.sha256 for one in self._registered.values()}
        return [
            SkillCard(draft.name, draft.description, None, outside=True)
            for draft in self._store.laid_down()
            if known.get(draft.name) != digest(draft.files)
        ]

    async def _register(self, draft: Draft, job: Job) -> MadeSkill:
        content, sha256 = pack(draft.files), digest(draft.files)
        key = f"seed:{job.task.id}:{job.epoch}:skill:{sha256[:32]}"
        artifact = await insist(
            lambda: self._ops.upload(
                f"{draft.name}.skill.zip",
                content,
                media_type="application/zip",
                task_id=job.task.id,
                epoch=job.epoch,
                kind="record",
                idempotency_key=f"{key}:archive",
            )
        )
        new = NewSkill(
            name=draft.name,
            sha256=sha256,
            description=draft.description,
            artifact_id=artifact.id,
            task_id=job.task.id,
            epoch=job.epoch,
        )
        try:
            skill = await insist(lambda: self._ops.register_skill(new, idempotency_key=key))
        except SkillRetired as retired:
            raise SkillRejected([f"This very code was retired: {retired.detail}"]) from retired
        await asyncio.to_thread(self._store.keep, skill.name, sha256, draft.files)
        self._registered[skill.name] = skill
        log.info("skill.made", skill=skill.name, version=skill.version, sha256=sha256)
        return _as_made(skill, draft.files)

    async def _brought(self, skill: Registered) -> MadeSkill:
        files = await asyncio.to_thread(self._store.kept, skill.name, skill.sha256)
        if files is None:
            files = await self._downloaded(skill)
            await asyncio.to_thread(self._store.keep, skill.name, skill.sha256, files)
        return _as_made(skill, files)

    async def _downloaded(self, skill: Registered) -> dict[str, str]:
        if skill.artifact_id is None:
            raise SkillGone(f"The skill {skill.name} is not stored in the ledger.")
        try:
            content = await self._ops.download(skill.artifact_id, max_bytes=MAX_ARCHIVE_BYTES)
        except AgentOpsError as error:
            raise SkillSpoilt(f"The skill {skill.name} cannot be fetched: {error.detail}") from error
        files = unpack(content)
        if digest(files) != skill.sha256:
            raise SkillSpoilt(f"The skill {skill.name} is not what was registered; it is not run.")
        log.info("skill.fetched", skill=skill.name, version=skill.version)
        return files


def _as_made(skill: Registered, files: dict[str, str]) -> MadeSkill:
    return made(
        files,
        name=skill.name,
        version=skill.version,
        sha256=skill.sha256,
        description=skill.description,
    )


def _reach(hosts: Sequence[str]) -> str:
    return f"with a network that reaches {', '.join(hosts)}" if hosts else "without a network"


def _likeness(words: str, card: SkillCard) -> float:
    about = f"{card.name.replace('-', ' ')} {card.description}".lower()
    return fuzz.token_set_ratio(words.lower(), about)
