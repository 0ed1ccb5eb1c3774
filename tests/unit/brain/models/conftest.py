"""No setting of the machine reaches these tests, and nothing that vendors leave open leaves them."""

import asyncio
import gc
import warnings
from collections.abc import AsyncIterator

import pytest

from brain.settings import ModelSettings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in ModelSettings.model_fields.values():
        alias = field.validation_alias
        for name in getattr(alias, "choices", [alias]):
            monkeypatch.delenv(str(name), raising=False)
    monkeypatch.setenv("AWS_REGION", "us-west-2")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(autouse=True)
async def swept() -> AsyncIterator[None]:
    """Vendors' clients close their connections when they are collected: here, not in somebody else's test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()
        for _ in range(3):
            await asyncio.sleep(0)
