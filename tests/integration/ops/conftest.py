"""Homes for embedded services, in every kind of path."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

LONG = "/".join(["x" * 40] * 5)
"""Longer than the path of a socket may be."""


@pytest.fixture
def home() -> Iterator[Path]:
    """A COS_HOME that does not exist yet, with a short path."""
    above = Path(tempfile.mkdtemp(prefix="cos-home-"))
    yield above / "home"
    shutil.rmtree(above, ignore_errors=True)


@pytest.fixture(params=["short", "with spaces, a comma and 'quotes'", LONG])
def odd_home(request: pytest.FixtureRequest, home: Path) -> Path:
    """A COS_HOME in a path that trips programs up."""
    return home.parent / str(request.param) / "home"
