"""A made skill as a folder and as an archive: `SKILL.md`, `scripts/tool.py`, `tests/test_tool.py`.

The archive is stored uncompressed with fixed times, so that the same content is the same bytes; its SHA-256
is the skill's. What is unpacked may come from anyone: it is small, has these files, and is not compressed.
"""

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from brain.seed.making.checking import signature_of
from brain.seed.making.errors import SkillSpoilt

HEAD, TOOL, TESTS = "SKILL.md", "scripts/tool.py", "tests/test_tool.py"
MAX_FILE_BYTES = 100_000
MAX_ARCHIVE_BYTES = 4 * MAX_FILE_BYTES
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Draft:
    """A skill as it was written."""

    name: str
    description: str
    """What it does and when to use it."""
    tool: str
    """The content of `scripts/tool.py`."""
    tests: str
    """The content of `tests/test_tool.py`."""
    hosts: tuple[str, ...] = ()
    """Which its calls may reach; its tests reach none."""

    @property
    def files(self) -> dict[str, str]:
        """The folder's files."""
        return {HEAD: self._head(), TOOL: self.tool, TESTS: self.tests}

    def _head(self) -> str:
        metadata = {"entry": TOOL} | ({"hosts": " ".join(self.hosts)} if self.hosts else {})
        front = yaml.safe_dump(
            {"name": self.name, "description": self.description, "metadata": metadata},
            sort_keys=False,
            allow_unicode=True,
            width=100,
        )
        return f"---\n{front}---\n\n# {self.name}\n\nCall `run` in `{TOOL}`; `{TESTS}` shows how.\n"


@dataclass(frozen=True)
class MadeSkill:
    """A registered version."""

    name: str
    version: int
    sha256: str
    description: str
    tool: str
    parameters: dict[str, Any]
    """JSON Schema of the arguments of `run`."""
    hosts: tuple[str, ...] = ()


def pack(files: dict[str, str]) -> bytes:
    """The archive; the same files are the same bytes."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), files[name].encode())
    return whole.getvalue()


def unpack(content: bytes) -> dict[str, str]:
    """The files of an archive.

    Raises:
        SkillSpoilt: it is none, is too large, or holds something else; nothing is decompressed.
    """
    if len(content) > MAX_ARCHIVE_BYTES:
        raise SkillSpoilt(f"A skill's archive has at most {MAX_ARCHIVE_BYTES:,} bytes.")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if {entry.filename for entry in entries} != {HEAD, TOOL, TESTS} or len(entries) != 3:
                raise SkillSpoilt(f"A skill's archive holds {HEAD}, {TOOL} and {TESTS}, and nothing else.")
            return {entry.filename: _read(archive, entry) for entry in entries}
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, EOFError, OSError) as error:
        raise SkillSpoilt(f"The skill's archive cannot be read: {error}") from error


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > MAX_FILE_BYTES:
        raise SkillSpoilt(f"{entry.filename} is compressed or too large.")
    with archive.open(entry) as file:
        return file.read(MAX_FILE_BYTES).decode()


def read_folder(folder: Path) -> dict[str, str]:
    """The files of a folder; what else lies there is not looked at.

    Raises:
        SkillSpoilt: one is missing, too large, no text, or leads out of the folder.
    """
    files = {}
    for name in (HEAD, TOOL, TESTS):
        path = folder / name
        try:
            if not path.resolve().is_relative_to(folder.resolve()):
                raise SkillSpoilt(f"{folder.name}/{name} leads out of the folder.")
            with path.open("rb") as file:
                content = file.read(MAX_FILE_BYTES + 1)
            if len(content) > MAX_FILE_BYTES:
                raise SkillSpoilt(f"{folder.name}/{name} has more than {MAX_FILE_BYTES:,} bytes.")
            files[name] = content.decode()
        except (OSError, UnicodeDecodeError) as error:
            raise SkillSpoilt(f"{folder.name}/{name} cannot be read: {error}") from error
    return files


def write_folder(folder: Path, files: dict[str, str]) -> None:
    """Writes the files below `folder`."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def digest(files: dict[str, str]) -> str:
    """The SHA-256 by which the skill is known, hex."""
    return hashlib.sha256(pack(files)).hexdigest()


def draft_of(files: dict[str, str]) -> Draft:
    """The folder's files as they were drafted.

    Raises:
        SkillSpoilt: SKILL.md cannot be understood.
    """
    try:
        _, front, _ = files[HEAD].split("---\n", 2)
        head = yaml.safe_load(front)
        hosts = str((head.get("metadata") or {}).get("hosts") or "")
        return Draft(
            str(head["name"]), str(head["description"]), files[TOOL], files[TESTS], tuple(hosts.split())
        )
    except (ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise SkillSpoilt(f"{HEAD} cannot be understood: {error}") from error


def made(files: dict[str, str], *, name: str, version: int, sha256: str, description: str) -> MadeSkill:
    """A registered skill with its files.

    Raises:
        SkillSpoilt: its tool cannot be called, or its SKILL.md cannot be understood.
    """
    hosts = draft_of(files).hosts
    try:
        parameters = signature_of(files[TOOL])
    except (ValueError, SyntaxError) as error:
        raise SkillSpoilt(f"{name}: {error}") from error
    return MadeSkill(name, version, sha256, description, files[TOOL], parameters, hosts)
