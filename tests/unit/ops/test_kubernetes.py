"""The manifests: valid for the newest Kubernetes, locked down, told what the parts read and no more."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from ops.deploy.sizes import USUAL
from ops.parts import PARTS
from tests.unit.ops.test_docker import COMPOSE, EVERYWHERE, read_by

FOLDER = Path(__file__).resolve().parents[3] / "ops" / "kubernetes"
KUSTOMIZATIONS = sorted(FOLDER.rglob("kustomization.yaml"))
MANIFESTS = [file for file in sorted(FOLDER.rglob("*.yaml")) if file not in KUSTOMIZATIONS]
RUNNING = {"Deployment", "StatefulSet"}
OBJECT_STORE = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}


def documents(file: Path) -> Iterator[dict[str, Any]]:
    yield from yaml.safe_load_all(file.read_text())


def workload(part: str) -> dict[str, Any]:
    return next(one for one in documents(FOLDER / "base" / f"{part}.yaml") if one["kind"] in RUNNING)


def container(part: str) -> dict[str, Any]:
    (found,) = workload(part)["spec"]["template"]["spec"]["containers"]
    return dict(found)


@pytest.mark.parametrize("file", MANIFESTS, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_manifest_is_valid(file: Path) -> None:
    for one in documents(file):
        kubernetes_validate.validate(one, kubernetes_validate.latest_version(), strict=True)


def test_a_manifest_that_is_not_valid_would_be_noticed() -> None:
    wrong = {**workload("ledger"), "spec": {**workload("ledger")["spec"], "replicass": 2}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, kubernetes_validate.latest_version(), strict=True)


@pytest.mark.parametrize("file", KUSTOMIZATIONS, ids=lambda file: file.parent.name)
def test_what_is_taken_together_is_there(file: Path) -> None:
    (one,) = documents(file)
    assert all((file.parent / resource).exists() for resource in one["resources"])
    if file.parent.name == "example":
        assert {image["name"] for image in one["images"]} == {
            COMPOSE["services"][part]["image"] for part in PARTS
        }


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_locked_down_and_asked_how_it_is(part: str) -> None:
    pod, runs = workload(part)["spec"]["template"]["spec"], container(part)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert runs["securityContext"]["readOnlyRootFilesystem"] is True
    assert runs["securityContext"]["allowPrivilegeEscalation"] is False
    assert runs["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert (runs["ports"][0]["containerPort"], runs["readinessProbe"]["httpGet"]["path"]) == (
        USUAL[part].port,
        USUAL[part].health,
    )
    assert runs["image"] == COMPOSE["services"][part]["image"]


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_told_only_what_it_reads_and_secrets_by_reference(part: str) -> None:
    told = {one["name"]: one for one in container(part)["env"]}
    allowed = read_by(part) | EVERYWHERE | (OBJECT_STORE if part == "ledger" else set())
    assert set(told) <= allowed
    for name, one in told.items():
        assert "valueFrom" in one or name == "SEED_PORT"
