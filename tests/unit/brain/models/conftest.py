"""No setting of the machine reaches these tests."""

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
