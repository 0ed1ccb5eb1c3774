"""What `cos deploy` wants to run and what it does about the difference, without any server."""

import asyncio
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from ops.deploy.images import build_command, built, release_of
from ops.deploy.planning import Found, step, tags_of
from ops.deploy.settings import DeploySettings
from ops.deploy.sizes import USUAL, sized
from ops.deploy.wanted import Wanted, wanted
from ops.errors import DeployFailed, ProgramMissing, SettingsUnusable
from ops.parts import PARTS

SETTINGS = DeploySettings.model_construct(registry="rg.example/acme", private_network="network")
TOLD = {
    "DATABASE_URL": "postgresql://cos:database-password@10.0.0.2/cos",
    "REDIS_URL": "redis://cos:redis-password@10.0.0.3:6379/0",
    "LEDGER_ARTIFACTS": "s3://acme/artifacts",
    "LEDGER_BOOTSTRAP_ADMIN_KEY": "admin-key",
    "LEDGER_BOOTSTRAP_AGENT_KEY": "agent-key",
    "LEDGER_BOOTSTRAP_READER_KEY": "reader-key",
    "UI_STORAGE_SECRET": "panel-secret",
    "AWS_ACCESS_KEY_ID": "store-id",
    "AWS_SECRET_ACCESS_KEY": "store-key",
    "TELEGRAM_BOT_TOKEN": "bot-token",
    "TELEGRAM_ALLOWED_USERS": "42",
    "TWILIO_ACCOUNT_SID": "sid",
    "TWILIO_AUTH_TOKEN": "twilio-token",
    "ANTHROPIC_API_KEY": "model-key",
    "SCW_SECRET_KEY": "key-of-the-place",
    "COS_BACKUP_PASSPHRASE": "passphrase",
    "HOME": "/home/ada",
    "LOG_LEVEL": "debug",
}
ADDRESSES = {part: f"https://{part}.example" for part in USUAL}


def ought(part: str, release: str = "v1", **told: str) -> Wanted:
    return wanted(part, USUAL[part], {**TOLD, **told}, SETTINGS, release, ADDRESSES)


def runs(one: Wanted) -> Found:
    """A container that is just so."""
    return Found(
        id="1",
        part=one.part,
        image=one.image,
        address="",
        environment=dict(one.environment),
        secrets=frozenset(one.secrets),
        least=one.size.least,
        most=one.size.most,
        memory_mb=one.size.memory_mb,
        mvcpu=one.size.mvcpu,
        tags=tuple(tags_of(one)),
    )


def test_every_part_is_deployed() -> None:
    assert set(USUAL) == set(PARTS)
    assert next(iter(USUAL)) == "ledger"


@pytest.mark.parametrize(
    ("secret", "holders"),
    [
        ("database-password", {"ledger"}),
        ("redis-password", {"ledger", "chief", "gateway"}),
        ("admin-key", {"ledger", "chief", "gateway"}),
        ("agent-key", {"ledger", "seed"}),
        ("reader-key", {"ledger", "ui"}),
        ("panel-secret", {"ui"}),
        ("store-key", {"ledger"}),
        ("bot-token", {"gateway"}),
        ("twilio-token", {"gateway"}),
        ("model-key", {"chief", "seed"}),
        ("key-of-the-place", set()),
        ("passphrase", set()),
    ],
)
def test_a_secret_reaches_those_who_need_it_and_stays_one(secret: str, holders: set[str]) -> None:
    holding = {part for part in USUAL if any(secret in value for value in ought(part).secrets.values())}
    assert holding == holders
    for part in USUAL:
        assert not any(secret in value for value in ought(part).environment.values())


def test_parts_find_each_other_and_listen_where_they_are_asked() -> None:
    assert ought("chief").environment["LEDGER_URL"] == "https://ledger.example"
    assert ought("ui").environment["GATEWAY_URL"] == "https://gateway.example"
    assert ought("gateway").environment["PUBLIC_URL"] == "https://ui.example"
    assert ought("gateway").environment["PHONE_PUBLIC_URL"] == "https://gateway.example"
    assert (
        ought("gateway", PUBLIC_URL="https://acme.example").environment["PUBLIC_URL"]
        == "https://acme.example"
    )
    assert ought("seed").environment["SEED_PORT"] == "8704"


def test_what_runs_as_it_ought_to_is_kept() -> None:
    for part in USUAL:
        assert step(ought(part), runs(ought(part))).do == "keep"


def test_a_difference_is_named_and_no_secret_told() -> None:
    former = runs(ought("gateway"))
    assert step(ought("gateway", "v2"), former).because == ("v1 → v2",)
    assert step(ought("gateway", LOG_LEVEL="info"), former).because == ("settings: LOG_LEVEL",)
    assert step(ought("gateway", TELEGRAM_BOT_TOKEN="another"), former).because == (
        "settings: a secret's value",
    )
    bigger = replace(ought("gateway"), size=replace(USUAL["gateway"], most=9))
    assert step(bigger, former).because == ("at most 4 → 9",)


def test_a_container_that_somebody_changed_by_hand_is_set_right() -> None:
    strange = replace(runs(ought("chief")), tags=())
    assert step(ought("chief"), strange).do == "update"


def test_the_mark_of_settings_says_nothing_about_them() -> None:
    one, other = ought("gateway").fingerprint, ought("gateway", TELEGRAM_BOT_TOKEN="another").fingerprint
    assert one != other
    assert re.fullmatch(r"[0-9a-f]{16}", one)


def test_numbers_can_be_chosen_and_a_part_left_out() -> None:
    sizes = sized("ledger=2-6 seed=0")
    assert (sizes["ledger"].least, sizes["ledger"].most) == (2, 6)
    assert "seed" not in sizes


@pytest.mark.parametrize("rules", ["ledger", "ledgr=1", "ledger=3-2", "ledger=1-500", "ledger=-1"])
def test_numbers_that_make_no_sense_are_refused(rules: str) -> None:
    with pytest.raises(SettingsUnusable, match="DEPLOY_SCALE"):
        sized(rules)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("SCW_ACCESS_KEY", "SCW_SECRET_KEY", "DEPLOY_NAMESPACE", "DEPLOY_REGISTRY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(
        SettingsUnusable, match="SCW_ACCESS_KEY, SCW_SECRET_KEY, DEPLOY_NAMESPACE, DEPLOY_REG"
    ):
        DeploySettings.read()
    with pytest.raises(SettingsUnusable, match="UI_STORAGE_SECRET is not set"):
        ought("ui", UI_STORAGE_SECRET="")


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    """Stands in for Docker: writes down what it is asked, fails at `push` of a part called chief."""
    program = tmp_path / "engine"
    program.write_text(
        f'#!/bin/sh\necho "$@" >>{tmp_path}/asked\n'
        f'[ "$1" = login ] && cat >{tmp_path}/stdin\n'
        'case "$*" in push*chief:*) echo denied: quota; exit 3;; esac\nexit 0\n'
    )
    program.chmod(0o755)
    return program


async def test_images_are_built_and_pushed_with_the_key_in_no_argument(tmp_path: Path, engine: Path) -> None:
    settings = SETTINGS.model_copy(update={"secret_key": SecretStr("key-of-the-place")})
    await built(["ledger", "ui"], settings, "v1", str(engine), lambda _: None)
    asked = (tmp_path / "asked").read_text()
    assert [line.split()[0] for line in asked.splitlines()] == ["login", "build", "push", "build", "push"]
    assert "push rg.example/acme/chief-of-staff-ui:v1" in asked
    assert "key-of-the-place" not in asked
    assert (tmp_path / "stdin").read_text() == "key-of-the-place"


async def test_a_push_that_fails_says_why(engine: Path) -> None:
    settings = SETTINGS.model_copy(update={"secret_key": SecretStr("key-of-the-place")})
    with pytest.raises(DeployFailed, match="denied: quota"):
        await built(["chief"], settings, "v1", str(engine), lambda _: None)
    with pytest.raises(ProgramMissing, match="--engine"):
        await built(["chief"], settings, "v1", "no-such-engine", lambda _: None)


def test_a_release_is_a_commit_and_nothing_else(tmp_path: Path) -> None:
    with pytest.raises(DeployFailed, match="--release"):
        asyncio.run(release_of(tmp_path))
    git = ["git", "-C", str(tmp_path), "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    (tmp_path / "file").write_text("one")
    for words in (["init", "-q"], ["add", "file"], ["commit", "-q", "-m", "one"]):
        subprocess.run([*git, *words], check=True)
    assert re.fullmatch(r"[0-9a-f]{12}", asyncio.run(release_of(tmp_path)))
    (tmp_path / "file").write_text("two")
    with pytest.raises(DeployFailed, match="in no commit"):
        asyncio.run(release_of(tmp_path))


def test_images_are_built_for_the_processors_of_the_place() -> None:
    words = build_command("docker", "ledger", "rg.example/acme/chief-of-staff-ledger:v1")
    assert words[words.index("--platform") + 1] == "linux/amd64"
    assert words[words.index("--target") + 1] == "ledger"
