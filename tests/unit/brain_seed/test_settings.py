"""The worker's settings are checked before anything starts."""

from typing import Any

import pytest
from pydantic import ValidationError

from brain.seed.settings import SeedSettings


def settings(**more: Any) -> SeedSettings:
    given: dict[str, Any] = {"_env_file": None, "ledger_api_key": "cos_x"}
    return SeedSettings(**(given | more))


def test_the_defaults_fit_together() -> None:
    assert (settings().lease_s, settings().heartbeat_s, settings().slots) == (60, 20, 2)


def test_a_heartbeat_slower_than_half_a_lease_is_refused() -> None:
    with pytest.raises(ValidationError, match="SEED_HEARTBEAT_S must be at most half of SEED_LEASE_S"):
        settings(lease_s=30, heartbeat_s=20.0)


def test_no_error_repeats_the_key() -> None:
    with pytest.raises(ValidationError) as error:
        settings(slots=0)

    assert "cos_x" not in str(error.value)
    assert "cos_x" not in repr(settings())
