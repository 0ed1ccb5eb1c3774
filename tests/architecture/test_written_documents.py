"""What is written from the code and from other files is as they are."""

import re
from pathlib import Path

import pytest

from ledger.tasks.states import MOVES
from ops.documents import DOCUMENTS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_fresh(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == DOCUMENTS[name](), "run `make docs`"


def test_the_api_says_every_path_and_leads_to_every_type() -> None:
    page = DOCUMENTS["docs/API.md"]()
    headings = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    anchors = [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings]
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= set(anchors)
    for path in ("`POST /api/v1/tasks/claim-next`", "`GET /api/v1/events`", "`POST /api/v1/logins/redeem`"):
        assert path in page
    assert "| `stale_claim` | 409 | `StaleClaim` |" in page
    assert "| `task_not_found` | 404 | `TaskNotFound` |" in page


def test_the_diagram_has_every_move() -> None:
    page = DOCUMENTS["docs/task-states.md"]()
    for (start, action), end in MOVES.items():
        assert f"    {start} --> {end}: {action}\n" in page
