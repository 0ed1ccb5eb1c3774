"""Images and composition: a target for each part, locked down, told only what the part reads."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.doctor.settings import names_of, setting_classes
from ops.parts import PARTS

DOCKER = Path(__file__).resolve().parents[3] / "ops" / "docker"
DOCKERFILE = (DOCKER / "Dockerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yml").read_text())
EVERYWHERE = {"COS_AWAIT_LEDGER", "LOG_LEVEL", "PUBLIC_URL", "CHIEF_URL", "GATEWAY_URL", "LEDGER_URL"}


def stages() -> dict[str, str]:
    """Name → what stands in it."""
    found = re.split(r"^FROM \S+ AS (\w+)$", DOCKERFILE, flags=re.MULTILINE)
    return dict(zip(found[1::2], found[2::2], strict=True))


CLASSES = [(kind, frozenset(names_of(kind))) for kind in setting_classes()]


def read_by(part: str) -> set[str]:
    """The variables that a part's settings classes read."""
    own = f"{PARTS[part].entry}."
    return {
        name
        for kind, names in CLASSES
        for name in names
        if kind.__module__.startswith(own) or kind.__name__ == "ModelSettings"
    }


@pytest.mark.parametrize("part", PARTS)
def test_every_part_has_a_target_that_runs_it_and_says_how_it_is(part: str) -> None:
    stage = stages()[part]
    assert f'CMD ["{part}"]' in stage
    assert "HEALTHCHECK" in stage


def test_no_part_runs_as_root_and_no_image_has_what_builds() -> None:
    for name, stage in stages().items():
        users = re.findall(r"^USER (\S+)$", stage, re.MULTILINE)
        assert name in {"build"} or not users or users[-1] == "10001:10001"
    assert re.search(r"^USER 10001:10001$", stages()["base"], re.MULTILINE)
    assert "--require-hashes" in stages()["build"]
    assert not re.search(r"(TOKEN|KEY|PASSWORD|SECRET)=", DOCKERFILE)


def test_the_composition_runs_every_part_locked_down() -> None:
    assert set(PARTS) < set(COMPOSE["services"])
    for name in PARTS:
        service = COMPOSE["services"][name]
        assert service["build"]["target"] == name
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    open_to_others = [name for name, service in COMPOSE["services"].items() if "ports" in service]
    assert open_to_others == ["gateway", "ui"]
    for name in open_to_others:
        assert all(port.startswith("127.0.0.1:") for port in COMPOSE["services"][name]["ports"])


@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_told_only_what_it_reads(part: str) -> None:
    given = set(COMPOSE["services"][part]["environment"])
    assert given - EVERYWHERE <= read_by(part)
    assert "LEDGER_BOOTSTRAP_ADMIN_KEY" not in given or part == "ledger"
    assert not given & {"TELEGRAM_BOT_TOKEN", "TWILIO_AUTH_TOKEN"} or part == "gateway"


def test_no_secret_stands_in_the_composition() -> None:
    for name, service in COMPOSE["services"].items():
        for variable, value in service["environment"].items():
            if re.search(r"TOKEN|KEY|PASSWORD|SECRET|AUTH", variable):
                assert re.fullmatch(r"\$\{\w+(:[-?][^}]*)?\}", str(value)), (name, variable)


def test_what_terraform_and_kustomize_keep_gets_into_no_image() -> None:
    kept_out = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    assert kept_out.index("!ops") < kept_out.index("ops/terraform") < len(kept_out)
    assert "ops/kubernetes" in kept_out
    asked = [
        "ops/terraform/terraform.tfstate",
        "ops/terraform/terraform.tfvars",
        "ops/kubernetes/acme/secrets.env",
    ]
    words = ["git", "-C", str(DOCKER.parents[1]), "check-ignore", *asked]
    assert subprocess.run(words, capture_output=True, text=True, check=False).stdout.split() == asked


def test_a_container_that_does_not_answer_is_not_well() -> None:
    words = [sys.executable, "-m", "ops.docker.healthy", "http://127.0.0.1:9/health/ready"]
    assert subprocess.run(words, check=False, timeout=30).returncode == 1
    assert subprocess.run(words[:3], check=False, timeout=30).returncode == 0
