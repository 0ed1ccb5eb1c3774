"""Encryption of a backup: what was changed, cut off or reordered does not open."""

import io
import tarfile
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from ops.backup import sealing
from ops.backup.archive import ArchiveWriter, members
from ops.backup.sealing import CHUNK_BYTES, TAG_BYTES, Opener, Sealer
from ops.errors import BackupUnusable

PASSPHRASE = SecretStr("correct horse battery")
SEALED = CHUNK_BYTES + TAG_BYTES


@pytest.fixture(autouse=True)
def cheap_guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default cost is meant to hurt."""
    monkeypatch.setattr(sealing, "_COST", 4)


async def sealed(content: bytes) -> bytes:
    file = io.BytesIO()
    sealer = Sealer(file, PASSPHRASE, made="2026-01-01")
    for start in range(0, len(content), 700_001):
        await sealer.write(content[start : start + 700_001])
    await sealer.close()
    assert sealer.size_bytes == len(file.getvalue())
    return file.getvalue()


async def opened(content: bytes, passphrase: SecretStr = PASSPHRASE) -> bytes:
    return b"".join([chunk async for chunk in Opener(io.BytesIO(content), passphrase)])


def header_size(content: bytes) -> int:
    return 12 + int.from_bytes(content[8:12], "big")


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 5])
async def test_what_was_sealed_opens(size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    assert await opened(await sealed(content[:size])) == content[:size]


async def test_another_passphrase_opens_nothing() -> None:
    with pytest.raises(BackupUnusable, match="passphrase is wrong"):
        await opened(await sealed(b"secret"), SecretStr("another passphrase"))


async def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(BackupUnusable, match="at least 10"):
        Sealer(io.BytesIO(), SecretStr("short"))


async def test_the_content_cannot_be_read_in_the_file() -> None:
    assert b"a plain sentence" not in await sealed(b"a plain sentence")


@pytest.mark.parametrize("damage", ["flip", "cut", "cut at a chunk", "swap", "drop", "append", "header"])
async def test_a_damaged_file_is_refused(damage: str) -> None:
    whole = await sealed(bytes(3 * CHUNK_BYTES))
    head = header_size(whole)
    first, second, third = (whole[head + i * SEALED : head + (i + 1) * SEALED] for i in range(3))
    damaged = {
        "flip": whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:],
        "cut": whole[:-7],
        "cut at a chunk": whole[: head + 2 * SEALED],
        "swap": whole[:head] + second + first + third,
        "drop": whole[:head] + first + third,
        "append": whole + third,
        "header": whole[:40] + bytes([whole[40] ^ 1]) + whole[41:],
    }[damage]
    with pytest.raises(BackupUnusable):
        await opened(damaged)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip", b"COSBACK1", b"COSBACK1\xff\xff\xff\xffx"])
async def test_another_file_is_no_backup(content: bytes) -> None:
    with pytest.raises(BackupUnusable):
        await opened(content)


async def pieces(*content: bytes) -> AsyncIterator[bytes]:
    for piece in content:
        yield piece


async def test_an_archive_is_one_that_tar_reads_too() -> None:
    written = bytearray()

    async def write(content: bytes) -> None:
        written.extend(content)

    archive = ArchiveWriter(write)
    await archive.add("a.json", b"{}")
    await archive.copy("b/file", 700, pieces(b"x" * 300, b"y" * 400))
    assert await archive.split("c", pieces(b"z" * (9 << 20))) == 9 << 20
    await archive.close()
    with tarfile.open(fileobj=io.BytesIO(bytes(written))) as tar:
        assert tar.getnames() == ["a.json", "b/file", "c/00000", "c/00001"]
    found = {member.name: await member.read() async for member in members(pieces(bytes(written)))}
    assert found["b/file"] == b"x" * 300 + b"y" * 400
    assert found["c/00000"] + found["c/00001"] == b"z" * (9 << 20)


async def test_an_archive_that_ends_too_soon_is_refused() -> None:
    info = tarfile.TarInfo("x")
    info.size = 1000
    with pytest.raises(BackupUnusable, match="too soon"):
        [member async for member in members(pieces(info.tobuf(tarfile.USTAR_FORMAT), b"short"))]


async def test_a_member_of_another_size_than_announced_is_refused() -> None:
    async def write(_: bytes) -> None:
        return

    with pytest.raises(BackupUnusable, match="where 3 were announced"):
        await ArchiveWriter(write).copy("x", 3, pieces(b"four"))
