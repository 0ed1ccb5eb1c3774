"""From `job.json` to `result.json`: each input in the format that the task names."""

import json
from pathlib import Path
from typing import Any

from file_conversion.formats import (
    PICTURES,
    Unconvertible,
    check_possible,
    format_of,
    media_type_of,
    wanted_format,
)

Output = dict[str, str]


def run(workspace: Path) -> None:
    """Does the job in `workspace`, and answers there."""
    job = json.loads((workspace / "job.json").read_bytes())
    try:
        result = convert_all(job["inputs"], workspace, **job["task"])
    except Unconvertible as problem:
        result = {"error": str(problem), "retryable": False}
    (workspace / "result.json").write_text(json.dumps(result))


def convert_all(
    inputs: list[dict[str, str]], workspace: Path, title: str, description: str
) -> dict[str, Any]:
    """Converts every input.

    Raises:
        Unconvertible: one cannot be converted, and why.
    """
    target = wanted_format(title) or wanted_format(description)
    if target is None:
        raise Unconvertible("Say which format you want: “convert sales.csv to Excel”.")
    outputs: list[Output] = []
    folder = workspace / "converted"
    folder.mkdir(exist_ok=True)
    for given in inputs:
        source = format_of(given["name"], given["media_type"])
        check_possible(source, target, given["name"])
        for made in _convert(given, source, target, folder, taken={one["name"] for one in outputs}):
            outputs.append(
                {"name": made.name, "path": f"converted/{made.name}", "media_type": media_type_of(target)}
            )
    names = ", ".join(one["name"] for one in outputs)
    what = inputs[0]["name"] if len(inputs) == 1 else f"{len(inputs)} files"
    return {"summary": f"Converted {what} to {names}.", "outputs": outputs}


def _convert(given: dict[str, str], source: str, target: str, folder: Path, taken: set[str]) -> list[Path]:
    path, name = Path(given["path"]), given["name"]
    made = folder / _free(_stem(name), target, taken)
    if source in PICTURES:
        from file_conversion.pictures import convert_picture

        convert_picture(path, target, made, name)
    elif source in ("md", "html", "txt"):
        from file_conversion.texts import convert_text, read_text

        made.write_text(convert_text(read_text(path), source, target, Path(name).stem), encoding="utf-8")
    else:
        return _convert_table(path, source, target, made, name)
    return [made]


def _convert_table(path: Path, source: str, target: str, made: Path, name: str) -> list[Path]:
    from file_conversion.tables import read_grids, write_grid, write_workbook

    grids = read_grids(path, source, name, made.parent)
    if target == "xlsx":
        write_workbook(grids, made)
        return [made]
    if len(grids) == 1:
        write_grid(grids[0], target, made)
        return [made]
    several = [
        made.with_name(f"{made.stem}-{_stem(grid.name) or number}{made.suffix}")
        for number, grid in enumerate(grids, 1)
    ]
    for grid, place in zip(grids, several, strict=True):
        write_grid(grid, target, place)
    return several


def _stem(name: str) -> str:
    safe = "".join(char if char.isalnum() or char in "-_ ." else "-" for char in Path(name).stem)
    return safe.strip("-. ")[:60] or "file"


def _free(stem: str, ending: str, taken: set[str]) -> str:
    number, name = 1, f"{stem}.{ending}"
    while name in taken:
        number += 1
        name = f"{stem}-{number}.{ending}"
    return name
