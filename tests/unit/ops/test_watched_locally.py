"""The configuration for one machine: the parts that listen, the key, and who is told."""

import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from agentops.wire import Contact, ContactId, Person, PersonId, Role
from ops.prometheus.local import EXAMPLES, Bot, Watched, telegram_of

PARTS = {"ledger": "http://127.0.0.1:8700", "gateway": "http://127.0.0.1:8702"}
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def a_person(role: Role, channel: str, address: str, *, proven: bool = True) -> Person:
    contact = Contact(
        id=ContactId("c"), person_id=PersonId("p"), channel=channel, address=address, label="",
        verified_at=NOW if proven else None,
    )  # fmt: skip
    return Person(
        id=PersonId("p"), name="Ada", role=role, time_zone="UTC", language="en", contacts=[contact],
        created_at=NOW,
    )  # fmt: skip


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_what_listens_is_scraped_and_nothing_else(tmp_path: Path) -> None:
    Watched(PARTS, "cos_reader_x", alertmanager="127.0.0.1:9999").write(tmp_path / "w")
    config = read(tmp_path / "w" / "prometheus.yml")
    found = {job["job_name"]: job["static_configs"][0]["targets"] for job in config["scrape_configs"]}
    assert found == {"ledger": ["127.0.0.1:8700"], "gateway": ["127.0.0.1:8702"]}
    assert config["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] == ["127.0.0.1:9999"]
    assert (tmp_path / "w" / "rules.yml").read_bytes() == (EXAMPLES / "rules.yml").read_bytes()


def test_secrets_are_for_their_owner_only_also_when_written_anew(tmp_path: Path) -> None:
    watched = Watched(PARTS, "cos_reader_x", Bot("1:abc", 42))
    for _ in range(2):
        watched.write(tmp_path / "w")
    for name in ("reader.key", "alertmanager.yml"):
        assert stat.S_IMODE((tmp_path / "w" / name).stat().st_mode) == 0o600
    assert (tmp_path / "w" / "reader.key").read_text() == "cos_reader_x"
    assert "1:abc" not in (tmp_path / "w" / "prometheus.yml").read_text()


def test_the_owner_is_told_loudly_of_what_is_critical_only(tmp_path: Path) -> None:
    Watched(PARTS, "k", Bot("1:abc", 42)).write(tmp_path)
    receivers = {
        one["name"]: one["telegram_configs"][0] for one in read(tmp_path / "alertmanager.yml")["receivers"]
    }
    assert {name: one["disable_notifications"] for name, one in receivers.items()} == {
        "mail": True,
        "pager": False,
    }
    assert {one["chat_id"] for one in receivers.values()} == {42}


def test_without_a_bot_nobody_is_named(tmp_path: Path) -> None:
    Watched(PARTS, "k").write(tmp_path)
    assert read(tmp_path / "alertmanager.yml")["receivers"] == [{"name": "mail"}, {"name": "pager"}]


def test_only_a_chat_that_the_owner_has_proven_is_told() -> None:
    assert telegram_of([a_person(Role.OWNER, "telegram", "42")]) == 42
    assert telegram_of([a_person(Role.OWNER, "telegram", "42", proven=False)]) is None
    assert telegram_of([a_person(Role.MEMBER, "telegram", "42")]) is None
    assert telegram_of([a_person(Role.OWNER, "phone", "+49301")]) is None
