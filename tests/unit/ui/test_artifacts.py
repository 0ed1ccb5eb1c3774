"""What of a file is shown in a page."""

from datetime import UTC, datetime

import pytest

from agentops.wire import Artifact, ArtifactId
from ui import files
from ui.components.artifacts import MAX_ROWS, preview_kind, table_rows


def artifact(media_type: str) -> Artifact:
    return Artifact(
        id=ArtifactId("a1"),
        task_id=None,
        name="x",
        media_type=media_type,
        size_bytes=1,
        sha256="",
        kind="output",
        created_by="seed",
        created_at=datetime(2030, 1, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [
        ("image/png", "picture"),
        ("image/PNG; x=y", "picture"),
        ("image/svg+xml", "code"),
        ("text/html", "code"),
        ("application/xhtml+xml", "none"),
        ("text/markdown; charset=utf-8", "markdown"),
        ("text/csv", "table"),
        ("text/plain", "text"),
        ("", "none"),
    ],
)
def test_what_can_hold_script_is_never_shown(media_type: str, kind: str) -> None:
    assert preview_kind(artifact(media_type)) == kind


def test_an_address_cannot_leave_its_path() -> None:
    assert files.address("../login") == "/files/..%2Flogin"


def test_a_table_is_found_by_its_own_delimiter() -> None:
    assert table_rows("a;b\n1;2\n", cut=False) == [["a", "b"], ["1", "2"]]


def test_a_last_line_that_may_be_broken_is_left_out() -> None:
    assert table_rows("a,b\n1,2\n3,", cut=True) == [["a", "b"], ["1", "2"]]


def test_only_the_first_rows_are_shown() -> None:
    assert len(table_rows("a,b\n" + "1,2\n" * 1000, cut=False)) == MAX_ROWS + 1


@pytest.mark.parametrize("broken", ["", "\n\n", '"', "\x00,\x00"])
def test_a_broken_table_breaks_nothing(broken: str) -> None:
    table_rows(broken, cut=False)
