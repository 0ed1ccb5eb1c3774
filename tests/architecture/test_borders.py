"""The borders of docs/architecture.md: every contract holds, and each catches what it is there for."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("brain", "gateway", "ledger", "ops", "ui", "voice")

# (file that gets a forbidden import, the import, name of the contract that must break)
PLANTED = [
    ("voice/planted.py", "import gateway.session", "Imports point down"),
    ("ui/planted.py", "import ledger.main", "The ledger is reached over HTTP, never by import"),
    ("gateway/session/planted.py", "import voice", "The session language knows no channel and no ledger"),
    ("brain/chief/planted.py", "import voice", "Only the channels that speak use voice"),
    ("brain/chief/planted.py", "import gateway.telegram", "gateway.session is the gateway's one open door"),
    ("gateway/session/planted.py", "import agentops", "The session language knows no channel and no ledger"),
    ("gateway/telegram/planted.py", "import gateway.web", "Channels do not know each other"),
    ("brain/chief/planted.py", "import brain.seed", "Chief and Seed meet only in the ledger"),
    ("ui/planted.py", "import redis", "Seeds and the panel see the SDK alone"),
    ("brain/seed/planted.py", "import gateway.session", "Seeds and the panel see the SDK alone"),
    ("ledger/planted.py", "import agentops.client", "The ledger shares the wire types, not the client"),
    ("voice/planted.py", "import litestar", "Voice is only a telephone"),
    ("ledger/sdk/agentops/planted.py", "import pydantic", "The SDK stays light"),
    ("brain/chief/planted.py", "import ops.cli", "Imports point down"),
]


def lint(tree: Path) -> str:
    """What import-linter prints for a copy of the code."""
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{tree}:{tree / 'ledger/sdk'}"}
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as c; c()",
        "--no-cache",
    ]
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=100)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code, to plant imports in."""
    copy = tmp_path_factory.mktemp("borders")
    for part in PARTS:
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def test_the_code_keeps_every_contract(tree: Path) -> None:
    assert "0 broken" in lint(tree)


def test_every_planted_import_is_caught(tree: Path) -> None:
    """All are planted at once: a run of the linter costs seconds."""
    planted: dict[Path, list[str]] = {}
    for file, statement, _ in PLANTED:
        planted.setdefault(tree / file, []).append(statement)
    try:
        for path, statements in planted.items():
            path.write_text("\n".join(statements) + "\n")
        report = lint(tree)
    finally:
        for path in planted:
            path.unlink()
    broken = {contract for _, _, contract in PLANTED if f"{contract} BROKEN" in report}
    assert broken == {contract for _, _, contract in PLANTED}
    for file, statement, _ in PLANTED:
        importer = file.removeprefix("ledger/sdk/").removesuffix(".py").replace("/", ".")
        assert f"{importer} -> {statement.removeprefix('import ').split('.')[0]}" in report, (file, statement)


@pytest.mark.parametrize("name", [*PARTS, "tests", "agentops"])
def test_each_name_imports_from_this_repository(name: str) -> None:
    """Strangers' packages bear these names on the public index."""
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).is_relative_to(ROOT)
    assert ".venv" not in Path(spec.origin).parts


def test_no_lock_and_no_dependency_names_the_sdk() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        if (lock := ROOT / name).exists():
            assert "agentops" not in lock.read_text()
    assert '\n  "agentops' not in (ROOT / "pyproject.toml").read_text()
