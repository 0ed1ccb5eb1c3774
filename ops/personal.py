"""One person's data: found by name, exported, forgotten."""

import asyncio
import zipfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec

from agentops import AgentOpsClient
from agentops.errors import ArtifactNotFound
from agentops.wire import Artifact, Person, Preferences, Role, Task, TurnRecord
from gateway.identity.sessions import session_of
from gateway.session.turns import SessionId
from ops.errors import BackupUnusable, NotFoundHere, NotRunning
from ops.remote import Remembered, Remote

PAGE = 200


class Exported(msgspec.Struct, frozen=True):
    """What `cos person export` wrote."""

    file: str
    turns: int
    tasks: int
    files: int


class Portrait(msgspec.Struct, frozen=True):
    """`person.json` of an export."""

    person: Person
    preferences: Preferences
    session: str


async def person_called(ledger: AgentOpsClient, word: str) -> Person:
    """The person with this id, else the one with this name, whatever its capitals.

    Raises:
        NotFoundHere: none, or several of that name.
    """
    people = await ledger.list_people()
    found = [one for one in people if one.id == word or one.name.casefold() == word.strip().casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        raise NotFoundHere(
            f"Several are called {word!r}. Say which, by id: {', '.join(p.id for p in found)}."
        )
    there = ", ".join(one.name for one in people) or "nobody yet"
    raise NotFoundHere(f"There is no {word!r}. Known: {there}.")


async def export(
    ledger: AgentOpsClient, person: Person, session: str, file: Path, *, facts: Sequence[Remembered] | None
) -> Exported:
    """Write all that is kept of a person into a zip file: who, what was said, what was asked for, the files.

    Args:
        ledger: With an admin key.
        person: Whose.
        session: Theirs.
        file: Must not exist.
        facts: What the chief remembers about them; None: it could not be asked.

    Raises:
        BackupUnusable: the file exists, or cannot be written.
    """
    try:
        archive = await asyncio.to_thread(zipfile.ZipFile, file, "x", zipfile.ZIP_DEFLATED)
    except OSError as error:
        raise BackupUnusable(f"{file} cannot be written: {error.strerror}.") from error
    with archive:
        preferences = await ledger.get_preferences(person.id)
        archive.writestr("person.json", _json(Portrait(person, preferences, session)))
        if facts is not None:
            archive.writestr("facts.json", _json(facts))
        turns = [turn async for turn in _turns(ledger, session)]
        archive.writestr("conversation.json", _json(turns))
        tasks = [task async for task in _tasks(ledger, session)]
        archive.writestr("tasks.json", _json(tasks))
        found = {one.id: one for turn in turns for one in turn.attachments}
        for task in tasks:
            found |= {one.id: one for one in await ledger.list_artifacts(task.id)}
        written = [await _file(archive, ledger, one) for one in found.values()]
    await asyncio.to_thread(file.chmod, 0o600)
    return Exported(str(file), len(turns), len(tasks), sum(written))


async def facts_about(remote: Remote, person: Person) -> list[Remembered] | None:
    """What the chief remembers about a person; None: it does not answer. The owners share theirs."""
    try:
        return await remote.facts("owner" if person.role is Role.OWNER else person.id)
    except NotRunning:
        return None


async def forget(ledger: AgentOpsClient, person: Person, session: str) -> None:
    """Remove what was said in the person's session, then the person.

    Raises:
        NotFoundHere: it is an owner's; the installation is theirs.
    """
    if person.role is Role.OWNER:
        raise NotFoundHere(
            f"{person.name} is an owner, whose conversation is the installation's own. "
            "Make somebody else the owner first, or remove the installation."
        )
    await ledger.forget_session(session)
    await ledger.delete_person(person.id)


def session_of_person(person: Person, main: str) -> str:
    """Where a person's conversation is."""
    return session_of(person, SessionId(main))


async def _turns(ledger: AgentOpsClient, session: str) -> AsyncIterator[TurnRecord]:
    after: int | None = 0
    while after is not None:
        page = await ledger.list_turns(session, after=after, limit=PAGE)
        for turn in page.items:
            yield turn
        after = int(page.next) if page.next else None


async def _tasks(ledger: AgentOpsClient, session: str) -> AsyncIterator[Task]:
    cursor: str | None = None
    while True:
        page = await ledger.list_tasks(origin=session, limit=PAGE, cursor=cursor)
        for task in page.items:
            yield task
        cursor = page.next
        if cursor is None:
            return


async def _file(archive: zipfile.ZipFile, ledger: AgentOpsClient, artifact: Artifact) -> bool:
    """Under its id: names of files may repeat, and say what they like."""
    try:
        async with ledger.stream(artifact.id) as pieces:
            with archive.open(f"files/{artifact.id}/{_harmless(artifact.name)}", "w") as entry:
                async for piece in pieces:
                    entry.write(piece)
    except ArtifactNotFound:
        return False
    return True


def _harmless(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2].lstrip(".") or "file"


def _json(found: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(found))
