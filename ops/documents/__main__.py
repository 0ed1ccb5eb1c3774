"""Write every document anew; `make docs`."""

from pathlib import Path

from ops.documents import DOCUMENTS

ROOT = Path(__file__).resolve().parents[2]


def write() -> None:
    """Write them where they belong."""
    for name, document in DOCUMENTS.items():
        (ROOT / name).write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    write()
