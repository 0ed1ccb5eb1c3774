"""Writes the dashboards' JSON files: `python -m ops.grafana`."""

import json
from pathlib import Path
from typing import Any

from ops.grafana.boards import BOARDS, Board, Panel

FOLDER = Path(__file__).parent / "dashboards"
_SOURCE = {"type": "prometheus", "uid": "prometheus"}
_COLUMNS = 24


def rendered(board: Board) -> str:
    """A dashboard as Grafana imports it."""
    panels, x, y, row_height = [], 0, 0, 0
    for number, panel in enumerate(board.panels, start=1):
        width, height = _size(panel)
        if x + width > _COLUMNS:
            x, y, row_height = 0, y + row_height, 0
        panels.append(_panel(number, panel, {"x": x, "y": y, "w": width, "h": height}))
        x, row_height = x + width, max(row_height, height)
    found = {
        "uid": board.uid,
        "title": board.title,
        "tags": ["chief-of-staff"],
        "schemaVersion": 39,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "panels": panels,
    }
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def _size(panel: Panel) -> tuple[int, int]:
    if panel.figure:
        return 6, 4
    return (_COLUMNS if panel.wide else _COLUMNS // 2), 8


def _panel(number: int, panel: Panel, place: dict[str, int]) -> dict[str, Any]:
    targets = [
        {
            "refId": chr(ord("A") + index),
            "expr": query,
            "legendFormat": legend or panel.title,
            "datasource": _SOURCE,
        }
        for index, (legend, query) in enumerate(panel.queries.items())
    ]
    return {
        "id": number,
        "title": panel.title,
        "type": "stat" if panel.figure else "timeseries",
        "datasource": _SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": targets,
    }


def write() -> None:
    """All of them."""
    FOLDER.mkdir(exist_ok=True)
    for board in BOARDS:
        (FOLDER / f"{board.uid}.json").write_text(rendered(board), encoding="utf-8")


if __name__ == "__main__":
    write()
