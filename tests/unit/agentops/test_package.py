"""The SDK stands alone: what it imports, what it declares, and an installation without anything of ours."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import agentops
from agentops import wire
from agentops.version import VERSION
from tests.unit.agentops import records

PACKAGE = Path(agentops.__file__).parent
PROJECT = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())["project"]
ALLOWED = {"httpx", "msgspec", "websockets"}
EXTRAS = {"mcp": {"mcp", "starlette", "uvicorn"}}
"""What a subpackage behind an extra of the same name may import besides; no other module imports it."""
ON_DEMAND = {"testing/calendar.py": {"cronsim"}}
"""What a module imports only when it is needed; the extra of its folder's name declares it."""
CORE = [file for file in sorted(PACKAGE.rglob("*.py")) if file.relative_to(PACKAGE).parts[0] not in EXTRAS]

CALL = """
import asyncio, agentops
from agentops import AgentOpsClient, RetryPolicy, Unavailable

async def main():
    async with AgentOpsClient("http://127.0.0.1:9", "key", retry=RetryPolicy(tries=1)) as ops:
        try:
            await ops.stats()
        except Unavailable as error:
            print(error.code, agentops.__file__)

asyncio.run(main())
"""


def imports_of(file: Path) -> set[str]:
    """The top-level packages that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports relatively"
            found.add((node.module or "").partition(".")[0])
    return found


@pytest.mark.parametrize("file", CORE, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_module_imports_the_standard_library_and_three_packages_only(file: Path) -> None:
    foreign = imports_of(file) - set(sys.stdlib_module_names) - {"agentops"}
    assert foreign <= ALLOWED | ON_DEMAND.get(str(file.relative_to(PACKAGE)), set())


def test_what_is_imported_on_demand_is_declared() -> None:
    for module, needed in ON_DEMAND.items():
        extra = PROJECT["optional-dependencies"][Path(module).parts[0]]
        assert needed == {requirement.partition(">")[0] for requirement in extra}
        assert needed <= imports_of(PACKAGE / module)


@pytest.mark.parametrize("extra", EXTRAS)
def test_what_stands_behind_an_extra_is_imported_by_nothing_else(extra: str) -> None:
    needed = {requirement.partition(">")[0] for requirement in PROJECT["optional-dependencies"][extra]}
    used = set().union(*(imports_of(file) for file in (PACKAGE / extra).rglob("*.py")))
    foreign = used - set(sys.stdlib_module_names) - {"agentops"}
    assert needed <= foreign <= ALLOWED | EXTRAS[extra]
    assert not [
        file for file in CORE if re.search(rf"^\s*(from|import) agentops\.{extra}\b", file.read_text(), re.M)
    ]


def test_what_is_imported_is_what_is_declared() -> None:
    declared = {requirement.partition(">")[0] for requirement in PROJECT["dependencies"]}
    used = set().union(*(imports_of(file) for file in CORE))
    assert declared == ALLOWED == used & ALLOWED


def test_the_package_is_typed_and_never_uploaded() -> None:
    assert (PACKAGE / "py.typed").exists()
    assert "Private :: Do Not Upload" in PROJECT["classifiers"]


def test_the_ledger_imports_the_wire_types_without_an_http_client() -> None:
    code = "import sys, agentops.wire; print({'httpx', 'websockets', 'agentops.client'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )
    assert done.stdout.strip() == "set()"


def test_no_secret_is_in_a_representation() -> None:
    minted = wire.MintedKey(
        id="k", name="n", scope=wire.Scope.READER, expires_at=None, revoked_at=None, last_used_at=None,
        created_at=records.NOON, secret="s3cret",
    )  # fmt: skip
    login = wire.Login(token="s3cret", expires_at=records.NOON)
    assert "s3cret" not in repr([minted, login, wire.RedeemLogin(token="s3cret")])


def test_the_sdk_works_when_it_is_installed_alone(tmp_path: Path) -> None:
    uv = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        pytest.skip("uv is not installed")
    python = tmp_path / "venv" / "bin" / "python"
    source = tmp_path / "sdk"
    shutil.copytree(PACKAGE.parent, source, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    subprocess.run([uv, "venv", "-q", "-p", sys.executable, tmp_path / "venv"], check=True, timeout=60)

    wanted = ["hatchling", *PROJECT["dependencies"]]
    index = subprocess.run(
        [uv, "pip", "install", "-q", "--dry-run", "-p", python, *wanted],
        capture_output=True,
        timeout=60,
        check=False,
    )
    if index.returncode:
        pytest.skip("no package index can be reached")
    subprocess.run([uv, "pip", "install", "-q", "-p", python, source], check=True, timeout=100)

    installed = subprocess.run(
        [uv, "pip", "list", "-q", "-p", python], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert f"agentops-sdk {VERSION}" in " ".join(installed.split())
    assert "litestar" not in installed
    called = subprocess.run(
        [python, "-c", CALL], capture_output=True, text=True, check=True, cwd=tmp_path, timeout=60
    )
    code, _, file = called.stdout.strip().partition(" ")
    assert code == "unavailable"
    assert Path(file).is_relative_to(tmp_path)
