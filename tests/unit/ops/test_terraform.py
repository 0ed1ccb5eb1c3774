"""The place that Terraform makes: in canonical form, of what the provider has, complete for `cos deploy`.

`scaleway_schema.json` holds the names of arguments and attributes in scaleway/scaleway 2.81, nested or not.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hcl2
import pytest

from ops.deploy.settings import DeploySettings
from ops.deploy.sizes import USUAL
from ops.deploy.wanted import wanted
from ops.doctor.settings import names_of, setting_classes

FOLDER = Path(__file__).resolve().parents[3] / "ops" / "terraform"
FILES = sorted(FOLDER.glob("*.tf"))
TEXT = "\n".join(file.read_text() for file in FILES)
SCHEMA: dict[str, list[str]] = json.loads(Path(__file__).with_name("scaleway_schema.json").read_text())
META = {"count", "for_each", "lifecycle", "depends_on", "provider", "dynamic", "content", "precondition"}
META |= {"prevent_destroy", "condition", "error_message"}
FREE = {"settings", "user_data"}
"""Maps with keys of their own."""


def plain(value: Any) -> Any:
    """Without the quotes that the parser keeps."""
    if isinstance(value, dict):
        return {
            str(name).strip('"'): plain(inner)
            for name, inner in value.items()
            if not str(name).startswith("__")
        }
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.strip('"') if isinstance(value, str) else value


PARSED = [plain(hcl2.loads(file.read_text())) for file in FILES]


def blocks(kind: str) -> Iterator[dict[str, Any]]:
    for parsed in PARSED:
        yield from parsed.get(kind, [])


def resources() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Type, name, body."""
    for block in blocks("resource"):
        for kind, named in block.items():
            for name, body in named.items():
                yield kind, name, body


RESOURCES = list(resources())


def arguments(body: Any) -> Iterator[str]:
    if isinstance(body, dict):
        for name, inner in body.items():
            yield name
            if name == "dynamic":
                yield from (key for one in inner for key in one)
                yield from (key for one in inner for block in one.values() for key in arguments(block))
            elif name not in FREE:
                yield from arguments(inner)
    elif isinstance(body, list):
        for one in body:
            yield from arguments(one)


@pytest.mark.parametrize(
    ("kind", "name", "body"), RESOURCES, ids=[f"{kind}.{name}" for kind, name, _ in RESOURCES]
)
def test_a_resource_has_only_arguments_that_the_provider_knows(
    kind: str, name: str, body: dict[str, Any]
) -> None:
    if kind.startswith("scaleway_"):
        assert set(arguments(body)) - META - set(SCHEMA[kind]) == set(), name
    else:
        assert kind == "random_password"


def test_every_reference_leads_somewhere() -> None:
    made = {(kind, name) for kind, name, _ in RESOURCES}
    for kind, name, attribute in re.findall(
        r"\b(scaleway_\w+|random_password)\.(\w+)(?:\[[^\]]+\])?\.(\w+)", TEXT
    ):
        assert (kind, name) in made
        assert attribute in SCHEMA.get(kind, ["result"]), f"{kind}.{name} has no {attribute}"
    variables = {name for block in blocks("variable") for name in block}
    assert set(re.findall(r"\bvar\.(\w+)", TEXT)) == variables
    locals_ = {name for block in blocks("locals") for name in block}
    assert set(re.findall(r"\blocal\.(\w+)", TEXT)) == locals_


def test_what_a_machine_is_told_is_given_to_it() -> None:
    template = (FOLDER / "worker.yaml.tftpl").read_text()
    wanted_names = set(re.findall(r"\$\{(\w+)\}", template)) - {"variable", "value"} | {"model"}
    given = TEXT.partition('worker.yaml.tftpl", {')[2].partition("})")[0]
    assert set(re.findall(r"^\s+(\w+)\s+=", given, re.M)) == wanted_names


def test_the_settings_that_it_prints_are_all_that_a_release_needs() -> None:
    printed = re.findall(r'^\s+"([A-Z][A-Z0-9_]+)=', TEXT, re.M)
    told = dict.fromkeys(printed, "x")
    for part, size in USUAL.items():
        wanted(part, size, told, DeploySettings.model_construct(registry="r", private_network="n"), "v1", {})
    known = {name for kind in setting_classes() for name in names_of(kind)}
    assert {name for name in printed if not name.startswith("AWS_")} <= known


def test_what_holds_data_cannot_be_destroyed_by_a_slip_nor_be_reached_from_outside() -> None:
    for kind, name, body in RESOURCES:
        if kind in {"scaleway_rdb_instance", "scaleway_object_bucket"}:
            assert body["lifecycle"][0]["prevent_destroy"] is True, name
        if kind in {"scaleway_rdb_instance", "scaleway_redis_cluster"}:
            assert "private_network" in body
            assert "load_balancer" not in body
        if kind == "scaleway_instance_security_group":
            assert body["inbound_default_policy"] == "drop"
    secret = [
        body
        for block in blocks("output")
        for name, body in block.items()
        if name in {"settings", "cockpit_token"}
    ]
    assert [one["sensitive"] for one in secret] == [True, True]


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not on this machine")
def test_it_is_in_canonical_form() -> None:
    said = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", "-recursive", str(FOLDER)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert said.returncode == 0, said.stdout + said.stderr
