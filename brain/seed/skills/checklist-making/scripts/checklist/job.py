"""From `job.json` to `result.json`: one checklist."""

import json
import re
from pathlib import Path
from typing import Any

from checklist.points import named_points
from checklist.templates import choose_template, load_templates

FILE = "checklist.md"
_LEAD = re.compile(
    r"^(?:please |can you |could you )*(?:make|write|create|draft|prepare|give|set up|build|put together)\s+"
    r"(?:me |us )?(?:an? |the |my )?",
    re.IGNORECASE,
)


def run(workspace: Path) -> None:
    """Does the job in `workspace`, and answers there."""
    job = json.loads((workspace / "job.json").read_bytes())
    (workspace / "result.json").write_text(json.dumps(make(workspace, **job["task"])))


def make(workspace: Path, title: str, description: str) -> dict[str, Any]:
    """Writes the checklist; the result as the protocol wants it."""
    points, templates = named_points(title, description), load_templates()
    if points:
        heading, body, count = (
            _heading(title),
            "\n".join(f"- [ ] {_escape(one)}" for one in points),
            len(points),
        )
        told = "from the points that you named"
    else:
        template = choose_template(f"{title} {description}", templates)
        if template is None:
            return {"error": _nothing_fits([one.title for one in templates]), "retryable": False}
        heading, body, count = template.title, template.body, template.points
        told = "from a template: strike what does not apply"
    (workspace / FILE).write_text(f"# {heading}\n\n{body}\n", encoding="utf-8")
    return {
        "summary": f"A checklist of {count} points, {told}.",
        "outputs": [{"name": FILE, "path": FILE, "media_type": "text/markdown"}],
    }


def _heading(title: str) -> str:
    plain = re.split(r":|\s+(?:with|of|containing)\s", _LEAD.sub("", title))[0].strip(" .") or "Checklist"
    return _escape(plain[:1].upper() + plain[1:])


def _nothing_fits(titles: list[str]) -> str:
    return (
        f"I have no template for this. I have: {', '.join(titles)}. "
        "Or name the points: “checklist: passport, tickets, charger”."
    )


def _escape(text: str) -> str:
    """The person's words are text: nothing in them may become a link or markup."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"\\{char}" if char in "\\`*_[]|#~" else char for char in text)
