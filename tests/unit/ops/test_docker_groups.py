"""No image lacks a package that its part imports, and none is told of a package that does not exist."""

import re
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
import pytest

from ops.docker.groups import GROUPS, USES, normal, take_apart
from ops.doctor import examining
from ops.doctor.findings import Finding, Ground, Verdict
from ops.doctor.settings import setting_classes
from ops.parts import PARTS
from ops.settings import OpsSettings

ROOT = Path(__file__).resolve().parents[3]
OURS = ("ledger", "brain", "gateway", "ui", "voice", "agentops", "ops")
LOCKED = {
    normal(line.partition("==")[0])
    for line in (ROOT / "requirements.lock").read_text().splitlines()
    if re.match(r"[a-zA-Z0-9].*==", line)
}
TOPS = packages_distributions()
DOCKERFILE = (ROOT / "ops/docker/Dockerfile").read_text()


def absent_in(part: str) -> set[str]:
    """What is in no layer of a part's image."""
    return {name for group in GROUPS if group not in (*USES[part], "project") for name in GROUPS[group]}


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*OURS, include_external_packages=True)


def imported(graph: grimp.ImportGraph, *starts: str) -> Iterator[str]:
    """The distributions of all packages that these modules and what they import import, wherever in them."""
    todo = list(starts)
    seen: set[str] = set()
    while todo:
        module = todo.pop()
        if module not in seen:
            seen.add(module)
            if module.partition(".")[0] in OURS:
                todo += graph.find_modules_directly_imported_by(module)
    for module in seen:
        yield from map(normal, TOPS.get(module.partition(".")[0], []))


@pytest.mark.parametrize("part", PARTS)
def test_an_image_has_all_that_its_part_imports(graph: grimp.ImportGraph, part: str) -> None:
    entry = PARTS[part].entry
    starts = ["ops.runner", entry, *graph.find_descendants(entry)]
    assert set(imported(graph, *starts)) & absent_in(part) == set()


def test_the_ledger_s_image_can_make_backups_and_every_image_can_read_all_settings(
    graph: grimp.ImportGraph,
) -> None:
    assert set(imported(graph, "ops.backup.saving", "ops.backup.restoring")) & absent_in("ledger") == set()
    settings = {kind.__module__ for kind in setting_classes()}
    grouped = {name for group in GROUPS if group != "project" for name in GROUPS[group]}
    assert set(imported(graph, *settings)) & grouped == set()


def test_the_skills_of_the_workers_find_their_libraries() -> None:
    scripts = (ROOT / "brain/seed/skills").rglob("*.py")
    words = {
        word
        for script in scripts
        for word in re.findall(r"^\s*(?:import|from) (\w+)", script.read_text(), re.M)
    }
    asked = {normal(name) for word in words for name in TOPS.get(word, [])}
    assert {"polars", "matplotlib"} <= asked
    assert asked & absent_in("seed") == set()


def test_the_table_names_what_is_locked_and_each_once() -> None:
    named = [name for group, names in GROUPS.items() if group != "project" for name in names]
    assert set(named) <= LOCKED
    assert len(named) == len(set(named))


@pytest.mark.parametrize("part", PARTS)
def test_the_dockerfile_puts_in_what_the_table_says(part: str) -> None:
    stage = DOCKERFILE.partition(f"FROM base AS {part}\n")[2].partition("\nFROM ")[0]
    assert tuple(re.findall(r"COPY --from=build /opt/groups/(\w+) /opt/cos", stage)) == USES[part]


def test_what_is_taken_apart_fits_together_again(tmp_path: Path) -> None:
    home = tmp_path / "venv"
    packages = home / "lib/python3.12/site-packages"
    packages.mkdir(parents=True)
    for name, module in (("nicegui", "nicegui"), ("httpx", "httpx")):
        (packages / module).mkdir()
        (packages / module / "__init__.py").write_text("")
        info = packages / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "RECORD").write_text(
            f"{module}/__init__.py,,\n{info.name}/METADATA,,\n{info.name}/RECORD,,\n"
        )
    before = sorted(path.relative_to(home) for path in home.rglob("*") if path.is_file())

    take_apart(home.resolve(), tmp_path / "groups")

    assert not (packages / "nicegui").exists()
    assert (packages / "httpx/__init__.py").exists()
    panel = tmp_path / "groups/panel"
    moved = sorted(path.relative_to(panel) for path in panel.rglob("*") if path.is_file())
    stayed = sorted(path.relative_to(home) for path in home.rglob("*") if path.is_file())
    assert len(moved) == 3
    assert sorted(moved + stayed) == before


async def test_the_doctor_of_a_slim_image_says_what_it_cannot_see(monkeypatch: pytest.MonkeyPatch) -> None:
    async def check(_: Ground) -> list[Finding]:
        raise ModuleNotFoundError("No module named 'strands'", name="strands")

    monkeypatch.setattr(examining, "CHECKS", {"model": check})
    (found,) = await examining.examine(Ground(OpsSettings.model_construct(), {}, None))
    assert (found.area, found.verdict) == ("model", Verdict.HINT)
    assert "strands" in found.said
