"""An archive holds a skill's three files or is refused, whatever it claims of itself."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from brain.seed.making.errors import SkillSpoilt
from brain.seed.making.folders import (
    HEAD,
    MAX_ARCHIVE_BYTES,
    TESTS,
    TOOL,
    digest,
    draft_of,
    made,
    pack,
    read_folder,
    unpack,
    write_folder,
)
from tests.unit.brain_seed.readings import RIGHT, WRONG, a_draft

Entries = list[tuple[str, bytes]]


def archived(entries: Entries, method: int = zipfile.ZIP_STORED) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return whole.getvalue()


def test_a_draft_survives_the_archive_and_the_folder(tmp_path: Path) -> None:
    files = a_draft().files
    write_folder(tmp_path, unpack(pack(files)))

    assert read_folder(tmp_path) == files
    assert draft_of(files) == a_draft()


def test_the_hosts_of_a_skill_are_part_of_it() -> None:
    draft = replace(a_draft(), hosts=("api.example.org", "weather.example"))

    assert draft_of(draft.files) == draft
    assert digest(draft.files) != digest(a_draft().files)
    skill = made(draft.files, name="x", version=1, sha256="y", description="z")
    assert skill.hosts == draft.hosts


def test_the_hash_is_of_the_content_alone() -> None:
    assert digest(a_draft().files) == digest(dict(reversed(a_draft().files.items())))
    assert digest(a_draft().files) != digest(a_draft(WRONG).files)


@pytest.mark.parametrize(
    "content",
    [
        b"no archive",
        bytes(MAX_ARCHIVE_BYTES + 1),
        archived([(HEAD, b"x"), (TOOL, b"x")]),
        archived([(HEAD, b"x"), (TOOL, b"x"), (TESTS, b"x"), ("../../.bashrc", b"x")]),
        archived([(HEAD, b"x"), (TOOL, b"x"), ("/etc/passwd", b"x")]),
        archived([(HEAD, b"x"), (TOOL, b"\xff\xfe"), (TESTS, b"x")]),
        archived([(HEAD, b"x"), (TOOL, bytes(200_000)), (TESTS, b"x")]),
    ],
)
def test_an_archive_of_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(SkillSpoilt):
        unpack(content)


def test_a_zip_bomb_is_not_decompressed() -> None:
    bomb = archived([(HEAD, b"x"), (TOOL, bytes(20 << 20)), (TESTS, b"x")], zipfile.ZIP_DEFLATED)
    assert len(bomb) < MAX_ARCHIVE_BYTES
    with pytest.raises(SkillSpoilt, match="compressed or too large"):
        unpack(bomb)


def test_an_archive_that_lies_about_its_size_is_refused() -> None:
    honest = pack({HEAD: "x" * 10, TOOL: "y" * 90_000, TESTS: "z"})
    lying = honest.replace((90_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    with pytest.raises(SkillSpoilt):
        unpack(lying)


def test_a_folder_whose_file_is_a_link_out_of_it_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(RIGHT)
    folder = tmp_path / "skill"
    write_folder(folder, a_draft().files)
    (folder / TOOL).unlink()
    (folder / TOOL).symlink_to(secret)
    with pytest.raises(SkillSpoilt, match="leads out of the folder"):
        read_folder(folder)
