"""Write every document anew; `make docs`."""

from pathlib import Path

from ops.documents import DOCUMENTS

DOCS = Path(__file__).resolve().parents[2] / "docs"


def write() -> None:
    """Write them into `docs/`."""
    for name, document in DOCUMENTS.items():
        (DOCS / name).write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    write()
