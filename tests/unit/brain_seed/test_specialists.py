"""The roster of specialists, what the person is asked, and how containers are asked for."""

import asyncio
import io
import stat
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pydantic import SecretStr

from brain.seed.errors import RosterRefused
from brain.seed.settings import SeedSettings
from brain.seed.specialists.docker import Containers
from brain.seed.specialists.hiring import Hiring, is_approved, question
from brain.seed.specialists.roster import Roster
from brain.seed.specialists.spec import Spec, Specialist


def specialist(name: str = "translator", **more: Any) -> Specialist:
    """One that was approved."""
    spec = Spec(name=name, purpose="Translates.", prompt="You translate.", **more)
    return Specialist(spec=spec, key_id="k-1", secret="cos_secret", hired_at=datetime.now(UTC), task_number=7)


def test_the_roster_is_for_its_owner_alone(tmp_path: Path) -> None:
    roster = Roster(tmp_path / "specialists")
    roster.add(specialist(), most=2)

    assert stat.S_IMODE((tmp_path / "specialists").stat().st_mode) == 0o700
    assert stat.S_IMODE(roster.path("translator").stat().st_mode) == 0o600
    found = roster.find("translator")
    assert found is not None
    assert (found.spec, found.secret) == (specialist().spec, "cos_secret")
    assert "cos_secret" not in repr(roster.all())


def test_there_is_one_of_each_name_and_no_more_than_there_may_be(tmp_path: Path) -> None:
    roster = Roster(tmp_path)
    roster.add(specialist("one"), most=2)
    with pytest.raises(RosterRefused, match="one already"):
        roster.add(specialist("one"), most=2)
    roster.add(specialist("two"), most=2)
    with pytest.raises(RosterRefused, match="2 specialists already"):
        roster.add(specialist("three"), most=2)
    roster.remove("one")
    roster.add(specialist("three"), most=2)
    assert [one.spec.name for one in roster.all()] == ["three", "two"]


def test_a_damaged_file_hides_no_other_specialist(tmp_path: Path) -> None:
    roster = Roster(tmp_path)
    roster.add(specialist("good"), most=5)
    roster.path("bad").write_text("{")
    assert [one.spec.name for one in roster.all()] == ["good"]
    with pytest.raises(RosterRefused, match="cannot be read"):
        roster.find("bad")


def test_a_name_that_is_a_path_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "outside.json").write_bytes(msgspec.json.encode(specialist()))
    roster = Roster(tmp_path / "specialists")
    assert roster.find("../outside") is None
    with pytest.raises(RosterRefused, match="no specialist"):
        roster.remove("../outside")
    assert (tmp_path / "outside.json").exists()


def test_only_one_process_keeps_a_specialist(tmp_path: Path) -> None:
    first, second = Roster(tmp_path), Roster(tmp_path)
    with first.kept("translator") as mine:
        assert mine
        with second.kept("translator") as also_mine:
            assert not also_mine
    with second.kept("translator") as mine:
        assert mine


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "../escape"},
        {"name": "Big Letters"},
        {"name": ""},
        {"slots": 1_000},
        {"budget_tokens": 0},
        {"purpose": ""},
        {"skills": ["with space"]},
        {"prompt": "x" * 20_001},
    ],
)
def test_a_wrong_specification_is_refused_with_a_reason(tmp_path: Path, wrong: dict[str, Any]) -> None:
    given = {"name": "translator", "purpose": "Translates.", "prompt": "You translate.", **wrong}
    with pytest.raises(RosterRefused, match=r"specification is wrong.*\$\."):
        Hiring(Roster(tmp_path), 3).proposed(**given)


def test_the_person_is_shown_everything_that_they_approve() -> None:
    spec = specialist(skills=["legal"], model="openai:large", budget_tokens=1_000, memory_mb=3_000).spec
    asked = question(spec)
    words = ("translator", "Translates.", "You translate.", "legal", "openai:large", "1,000 tokens")
    for said in (*words, "3,000 MB"):
        assert said in asked


def test_only_a_yes_approves() -> None:
    assert all(map(is_approved, ("Approve", "yes", "Yes!", " approved ")))
    assert not any(map(is_approved, ("Deny", "no", "", "approve it later, not now")))


def test_a_specialist_is_told_of_the_model_and_never_the_workers_own_key(tmp_path: Path) -> None:
    given: dict[str, Any] = {"_env_file": None, "ledger_api_key": "cos_worker", "home": tmp_path}
    told = SeedSettings(**given, model="openai:own", openai_api_key=SecretStr("sk-model")).for_specialists()
    assert (told["COS_MODEL"], told["OPENAI_API_KEY"]) == ("openai:own", "sk-model")
    assert told["COS_HOME"] == str(tmp_path)
    assert "cos_worker" not in told.values()


async def test_a_container_is_bounded_and_gets_its_own_key(tmp_path: Path) -> None:
    roster = Roster(tmp_path / "specialists")
    roster.add(specialist(memory_mb=512), most=1)
    socket = tmp_path / "docker.sock"
    async with engine(socket) as asked:
        told = {"LEDGER_URL": "http://ledger", "PATH": "/here", "SSL_CERT_FILE": "/here/certificates"}
        containers = Containers(told, socket, "cos:test")
        running = await containers.start(specialist(memory_mb=512), roster.path("translator"))
        status = await running.ended()
        await running.stop()

    assert status == 3
    assert [line for line, _ in asked] == [
        "DELETE /v1.40/containers/cos-specialist-translator?force=true",
        "POST /v1.40/containers/create?name=cos-specialist-translator",
        "PUT /v1.40/containers/c1/archive?path=%2Fetc",
        "POST /v1.40/containers/c1/start",
        "POST /v1.40/containers/c1/wait",
        "POST /v1.40/containers/c1/stop?t=5",
        "DELETE /v1.40/containers/c1?force=true",
    ]
    wish = msgspec.json.decode(asked[1][1])
    assert "LEDGER_API_KEY=cos_secret" in wish["Env"]
    assert not [one for one in wish["Env"] if "/here" in one], "places of this machine are not in there"
    host = wish["HostConfig"]
    assert (host["Memory"], host["MemorySwap"], host["CapDrop"]) == (512 << 20, 512 << 20, ["ALL"])
    assert "Binds" not in host, "nothing of this machine is inside"
    with tarfile.open(fileobj=io.BytesIO(asked[2][1])) as archive:
        (entry,) = archive.getmembers()
        given = archive.extractfile(entry)
        assert given is not None
        assert (entry.name, given.read()) == ("specialist.json", roster.path("translator").read_bytes())
        assert entry.mode & 0o004, "whichever user the image has"


async def test_without_an_engine_the_reason_is_told(tmp_path: Path) -> None:
    containers = Containers({}, tmp_path / "nothing.sock", "cos:test")
    with pytest.raises(RosterRefused, match="No container engine answers"):
        await containers.start(specialist(), tmp_path / "translator.json")


@asynccontextmanager
async def engine(socket: Path) -> AsyncIterator[list[tuple[str, bytes]]]:
    """What Docker's API answers, as far as it is asked here; gives what it was asked."""
    asked: list[tuple[str, bytes]] = []

    def reply(line: str) -> tuple[int, bytes]:
        if line.startswith("DELETE") and "cos-specialist" in line:
            return 404, b'{"message": "No such container"}'
        if "/create" in line:
            return 201, b'{"Id": "c1", "Warnings": []}'
        return (200, b'{"StatusCode": 3}') if "/wait" in line else (204, b"")

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = head.lower().split("\r\n")
        length = next((int(one.split(":")[1]) for one in lines if one.startswith("content-length:")), 0)
        body = await reader.readexactly(length)
        line = " ".join(head.split(" ")[:2])
        asked.append((line, body))
        status, answer = reply(line)
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Length: {len(answer)}\r\nConnection: close\r\n\r\n".encode()
        )
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(talk, socket)
    async with server:
        yield asked
