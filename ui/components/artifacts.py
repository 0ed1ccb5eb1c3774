"""Files of the ledger inside a page: pictures, sound, Markdown, tables, text; the rest is offered."""

import csv
import io
from contextlib import suppress
from dataclasses import dataclass

from nicegui.element import Element

from agentops import AgentOpsClient
from agentops.wire import Artifact
from ui import files, strings, wording
from ui.components.elements import el, icon, markdown
from ui.said import FileRef

MAX_MARKDOWN_BYTES = 200_000
MAX_TEXT_BYTES = 16_000
MAX_ROWS = 12
MAX_COLUMNS = 12
MAX_CELL_CHARS = 200

_TABLES = {"text/csv", "text/tab-separated-values"}
_CODE = {
    "application/javascript",
    "application/json",
    "application/sql",
    "application/toml",
    "application/xml",
    "application/yaml",
    "application/x-sh",
    "application/x-yaml",
}
_MARKUP = {"text/html", "image/svg+xml"}
"""Hostile if they ran; as text they are only text."""
_MARKDOWN = {"text/markdown", "text/x-markdown"}


@dataclass(frozen=True)
class Preview:
    """An artifact and the beginning of its content, if the panel shows it."""

    artifact: Artifact
    kind: str
    """`picture`, `sound`, `markdown`, `table`, `text`, `code` or `none`."""
    content: str = ""
    cut: bool = False
    """The file goes on behind `content`."""


async def load_preview(ops: AgentOpsClient, artifact: Artifact) -> Preview:
    """Read as much of a file as its preview shows."""
    kind = preview_kind(artifact)
    if kind in {"picture", "sound", "none"}:
        return Preview(artifact, kind)
    limit = MAX_MARKDOWN_BYTES if kind == "markdown" else MAX_TEXT_BYTES
    content = b""
    async with ops.stream(artifact.id) as pieces:
        async for piece in pieces:
            content += piece
            if len(content) > limit:
                break
    return Preview(artifact, kind, content[:limit].decode("utf-8", "replace"), cut=len(content) > limit)


def preview_kind(artifact: Artifact) -> str:
    """How an artifact is shown, by its media type."""
    media_type = artifact.media_type.partition(";")[0].strip().lower()
    if files.is_picture(media_type):
        return "picture"
    if media_type in _MARKDOWN:
        return "markdown"
    if media_type in _TABLES:
        return "table"
    if files.is_sound(media_type):
        return "sound"
    if media_type == "text/plain":
        return "text"
    if media_type in _CODE | _MARKUP or media_type.startswith("text/"):
        return "code"
    return "none"


def show(preview: Preview, pictures: dict[str, str]) -> None:
    """Draw a file with its name and a way to keep it; `pictures` may be shown inside Markdown."""
    artifact = preview.artifact
    with el("figure", f"artifact artifact-{preview.kind}"):
        with el("figcaption", "artifact-head"):
            icon("file")
            el("span", "artifact-name", artifact.name)
            el("span", "quiet", wording.size(artifact.size_bytes))
            with el(
                "a", "button-quiet", href=files.address(artifact.id, download=True), download=artifact.name
            ):
                icon("down")
                el("span", text=strings.DOWNLOAD)
                el("span", "sr-only", artifact.name)
        _show_content(preview, pictures)


def picture(artifact_id: str, name: str, classes: str = "") -> Element:
    """A picture that opens in full when it is clicked."""
    address = files.address(artifact_id)
    with el("a", f"picture {classes}", href=address, target="_blank", rel="noopener") as link:
        el("img", src=address, alt=name, loading="lazy")
    return link


def attachment(file: FileRef) -> None:
    """A file of a chat message."""
    if file.artifact_id and files.is_picture(file.media_type):
        picture(file.artifact_id, file.name)
        return
    href = files.address(file.artifact_id, download=True) if file.artifact_id else None
    with el("a" if href else "span", "chip", href=href, download=file.name if href else None):
        icon("file")
        el("span", "chip-name", file.name)
        el("span", "quiet", wording.size(file.size_bytes))


def table_rows(text: str, *, cut: bool) -> list[list[str]]:
    """The first rows of a table in CSV or TSV; a last line that may be broken is left out."""
    lines = text.splitlines()
    if cut:
        lines = lines[:-1]
    sample = "\n".join(lines[: MAX_ROWS + 1])
    delimiter = ","
    with suppress(csv.Error):
        delimiter = csv.Sniffer().sniff(sample, ",;\t|").delimiter
    try:
        rows = list(csv.reader(io.StringIO(sample), delimiter=delimiter))
    except csv.Error:
        return []
    return [[cell[:MAX_CELL_CHARS] for cell in row[:MAX_COLUMNS]] for row in rows if row]


def _show_content(preview: Preview, pictures: dict[str, str]) -> None:
    match preview.kind:
        case "picture":
            picture(preview.artifact.id, preview.artifact.name)
        case "markdown":
            markdown(preview.content, pictures)
        case "table":
            _show_table(preview)
        case "sound":
            address = files.address(preview.artifact.id)
            el("audio", "sound", controls=True, preload="none", src=address, aria_label=preview.artifact.name)
        case "code":
            el("pre", "text-preview text-code", preview.content, tabindex=0)
        case "text":
            el("pre", "text-preview", preview.content, tabindex=0)
        case _:
            return
    if preview.cut and preview.kind != "table":
        el("p", "quiet", strings.TEXT_CUT)


def _show_table(preview: Preview) -> None:
    rows = table_rows(preview.content, cut=preview.cut)
    if not rows:
        el("pre", "text-preview", preview.content, tabindex=0)
        return
    label = preview.artifact.name
    with el("div", "table-scroll", tabindex=0, role="group", aria_label=label), el("table"):
        with el("thead"), el("tr"):
            for cell in rows[0]:
                el("th", text=cell, scope="col")
        with el("tbody"):
            for row in rows[1:]:
                with el("tr"):
                    for cell in row:
                        el("td", "figure" if _is_number(cell) else "", cell)
    if preview.cut or len(rows) > MAX_ROWS:
        el("p", "quiet", strings.TABLE_CUT.format(rows=len(rows) - 1))


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
