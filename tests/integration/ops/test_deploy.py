"""`cos deploy` against a server that speaks Scaleway's API: bring, change, look, fail, put back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.ops.commands import Cos
from tests.scaleway import ScalewayServer
from tests.scaleway.server import KEY, NAMESPACE

PLACE = {
    "SCW_ACCESS_KEY": "SCW11111111111111111",
    "SCW_SECRET_KEY": KEY,
    "DEPLOY_NAMESPACE": NAMESPACE,
    "DEPLOY_REGISTRY": "rg.fr-par.scw.cloud/acme",
    "DEPLOY_PRIVATE_NETWORK": "44444444-4444-4444-4444-444444444444",
    "DATABASE_URL": "postgresql://cos:database-password@172.16.20.2:5432/cos",
    "REDIS_URL": "redis://cos:redis-password@172.16.20.3:6379/0",
    "LEDGER_ARTIFACTS": "s3://acme-artifacts/artifacts",
    "LEDGER_BOOTSTRAP_ADMIN_KEY": "admin-key-of-the-place",
    "LEDGER_BOOTSTRAP_AGENT_KEY": "agent-key-of-the-place",
    "LEDGER_BOOTSTRAP_READER_KEY": "reader-key-of-the-place",
    "UI_STORAGE_SECRET": "panel-secret-of-the-place",
    "TELEGRAM_BOT_TOKEN": "1234:bot-token",
    "DEPLOY_TIMEOUT_S": "20",
}
EVERYONE = ["ledger", "chief", "gateway", "ui", "seed"]


@pytest.fixture
async def scaleway() -> AsyncIterator[ScalewayServer]:
    async with ScalewayServer() as server:
        yield server


@pytest.fixture
def cos(scaleway: ScalewayServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cos:
    """A command line in an empty folder, with the settings that Terraform printed and nothing of ours."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ops.deploy.place.EVERY_S", 0.01)
    monkeypatch.setattr("ops.deploy.releasing.EVERY_S", 0.05)
    return Cos(tmp_path / "home", {**PLACE, "SCW_API_URL": scaleway.url})


async def test_a_first_release_brings_every_part_in_order(cos: Cos, scaleway: ScalewayServer) -> None:
    said = (await cos.ok("deploy", "--release", "v1", "--yes", "--json")).json()
    assert said["changed"] == EVERYONE
    assert [name for do, name in scaleway.calls if do == "create"] == EVERYONE
    ledger, gateway = scaleway.named("ledger"), scaleway.named("gateway")
    assert ledger["image"] == "rg.fr-par.scw.cloud/acme/chief-of-staff-ledger:v1"
    assert ledger["status"] == "ready"
    assert (ledger["min_scale"], ledger["max_scale"]) == (1, 4)
    assert ledger["https_connections_only"]
    # The panel came after the gateway, which learned its address in the second round.
    assert gateway["environment_variables"]["PUBLIC_URL"] == scaleway.named("ui")["public_endpoint"]
    assert said["addresses"]["ui"] == scaleway.named("ui")["public_endpoint"]
    assert scaleway.named("seed")["sandbox"] == "v1"
    assert scaleway.secrets_of("gateway")["TELEGRAM_BOT_TOKEN"] == "1234:bot-token"
    assert scaleway.secrets_of("seed")["LEDGER_API_KEY"] == "agent-key-of-the-place"


async def test_a_second_time_changes_nothing_and_a_plan_shows_what_would(
    cos: Cos, scaleway: ScalewayServer
) -> None:
    first = await cos.ok("deploy", "--release", "v1", "--yes")
    before = list(scaleway.calls)
    again = (await cos.ok("deploy", "--release", "v1", "--yes", "--json")).json()
    assert (again["changed"], again["kept"]) == ([], EVERYONE)
    plan = await cos.ok("deploy", "--release", "v2", "--plan", env={"DEPLOY_SCALE": "ledger=2-4"})
    assert "v1 → v2; at least 1 → 2" in plan.out
    assert scaleway.calls == before
    shown = first.out + first.err + plan.out + str(list(scaleway.containers.values()))
    for secret in ("of-the-place", "bot-token", "-password", KEY):
        assert secret not in shown


async def test_no_answer_to_the_question_changes_nothing(cos: Cos, scaleway: ScalewayServer) -> None:
    assert (await cos("deploy", "--release", "v1", stdin="n\n")).code == 1
    assert scaleway.calls == []


@pytest.mark.parametrize(
    ("release", "reason", "within_s"),
    [("broken-2", "could not be pulled", "60"), ("sick-2", "not well within", "0.5")],
)
async def test_a_release_that_is_not_well_is_put_back(
    cos: Cos, scaleway: ScalewayServer, release: str, reason: str, within_s: str
) -> None:
    await cos.ok("deploy", "--release", "v1", "--yes")
    former = {one["name"]: one["tags"] for one in scaleway.containers.values()}
    before = len(scaleway.calls)
    more = {"DEPLOY_TIMEOUT_S": within_s, "TELEGRAM_ALLOWED_USERS": "42"}
    said = await cos("deploy", "--release", release, "--yes", env=more)
    assert said.code == 1
    assert reason in said.err
    assert "as it was before" in said.err
    for one in scaleway.containers.values():
        assert one["image"].endswith(":v1")
        assert one["status"] == "ready"
        assert one["tags"] == former[one["name"]]
        assert "TELEGRAM_ALLOWED_USERS" not in one["environment_variables"]
    # It stopped at the first part: the others never saw the release.
    assert {name for _, name in scaleway.calls[before:]} == {"ledger"}
    assert scaleway.secrets_of("ledger")["LEDGER_BOOTSTRAP_ADMIN_KEY"] == "admin-key-of-the-place"


async def test_a_first_release_that_is_not_well_leaves_nothing(cos: Cos, scaleway: ScalewayServer) -> None:
    said = await cos("deploy", "--release", "broken", "--yes")
    assert said.code == 1
    assert scaleway.containers == {}


async def test_what_cannot_be_put_back_is_named(cos: Cos, scaleway: ScalewayServer) -> None:
    await cos.ok("deploy", "--release", "v1", "--yes")
    scaleway.refuse_updates_of = "gateway"
    said = await cos("deploy", "--release", "v2", "--yes")
    assert said.code == 1
    assert "Look after gateway" in said.err
    assert scaleway.named("ledger")["image"].endswith(":v1")


async def test_bad_keys_and_wrong_places_are_told_plainly(cos: Cos, scaleway: ScalewayServer) -> None:
    refused = await cos("deploy", "--release", "v1", "--yes", env={"SCW_SECRET_KEY": KEY.replace("1", "5")})
    assert (refused.code, "authentication is denied" in refused.err) == (1, True)
    crooked = await cos("deploy", "--release", "v1", "--yes", env={"SCW_SECRET_KEY": "my-secret"})
    assert crooked.code == 1
    assert "my-secret" not in crooked.out + crooked.err
    nobody = await cos("deploy", "--release", "v1", "--yes", env={"SCW_API_URL": "http://127.0.0.1:9"})
    assert (nobody.code, "does not answer" in nobody.err) == (1, True)
    assert scaleway.calls == []
