"""Skills on disk, shared by all workers of an installation."""

import shutil
import tempfile
from pathlib import Path

import structlog

from brain.seed.making.errors import SkillGone, SkillSpoilt
from brain.seed.making.folders import HEAD, Draft, digest, draft_of, read_folder, write_folder

log = structlog.get_logger(__name__)

_MADE = "made"


class SkillStore:
    """Folders of skills.

    Args:
        root: `NAME/` is the person's, `made/NAME/HASH/` is a worker's.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def laid_down(self) -> list[Draft]:
        """What the person laid into the folder; what cannot be read is passed over and logged."""
        drafts = []
        for head in sorted(self._root.glob(f"*/{HEAD}")):
            try:
                drafts.append(self.read_outside(head.parent.name))
            except (SkillSpoilt, SkillGone) as problem:
                log.warning("skill.unusable", folder=head.parent.name, problem=str(problem))
        return drafts

    def read_outside(self, name: str) -> Draft:
        """A skill that the person laid into the folder.

        Raises:
            SkillGone: there is no such folder.
            SkillSpoilt: it holds no skill, or one of another name.
        """
        folder = self._root / name
        if name in (_MADE, "", ".", "..") or "/" in name or not folder.is_dir():
            raise SkillGone(f"There is no skill {name}.")
        draft = draft_of(read_folder(folder))
        if draft.name != name:
            raise SkillSpoilt(
                f"The folder {name} holds the skill {draft.name[:60]}; both names must be the same."
            )
        return draft

    def kept(self, name: str, sha256: str) -> dict[str, str] | None:
        """A made skill's files; None if they are not there, or not what they were."""
        try:
            files = read_folder(self._place(name, sha256))
        except SkillSpoilt:
            return None
        return files if digest(files) == sha256 else None

    def keep(self, name: str, sha256: str, files: dict[str, str]) -> None:
        """Writes beside and renames, because other workers look into the same folder."""
        place = self._place(name, sha256)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = Path(tempfile.mkdtemp(prefix=".new-", dir=place.parent))
        write_folder(beside, files)
        shutil.rmtree(place, ignore_errors=True)
        try:
            beside.rename(place)
        except OSError:  # another worker was quicker
            shutil.rmtree(beside, ignore_errors=True)

    def _place(self, name: str, sha256: str) -> Path:
        return self._root / _MADE / name / sha256
