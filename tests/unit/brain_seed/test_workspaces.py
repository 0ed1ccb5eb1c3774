"""Folders come and go with the work; only a living worker's are left alone."""

import shutil
from pathlib import Path

from brain.seed.workspaces import Workspaces


def test_a_folder_is_empty_and_goes_with_all_that_is_in_it(tmp_path: Path) -> None:
    with Workspaces(tmp_path / "work") as workspaces:
        with workspaces.folder() as folder:
            assert not list(folder.iterdir())
            (folder / "result.json").write_text("{}")
        assert not folder.exists()
    assert not list((tmp_path / "work").glob("worker-*"))


def test_the_folders_of_a_living_worker_are_left_alone(tmp_path: Path) -> None:
    with Workspaces(tmp_path) as one, one.folder() as folder:
        with Workspaces(tmp_path):
            pass
        assert folder.exists()


def test_what_a_killed_worker_left_is_swept_away(tmp_path: Path) -> None:
    with Workspaces(tmp_path) as workspaces, workspaces.folder() as folder:
        left = tmp_path / "worker-left"
        shutil.copytree(folder.parent, left)  # the copy's lock is held by nobody, as after a kill
    with Workspaces(tmp_path):
        assert not left.exists()


def test_others_may_not_look_into_them(tmp_path: Path) -> None:
    with Workspaces(tmp_path / "work") as workspaces, workspaces.folder() as folder:
        assert (tmp_path / "work").stat().st_mode & 0o077 == 0
        assert folder.stat().st_mode & 0o077 == 0
