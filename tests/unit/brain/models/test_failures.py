"""Why a model failed, told from what its client raised."""

import pytest

from brain.models.failures import Reason, reason_of


class NotFoundError(Exception):
    """As vendors' clients name it."""


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (NotFoundError("no such model"), Reason.REFUSED_REQUEST),
        (FileNotFoundError("certificates"), Reason.ERROR),
        (ModuleNotFoundError("a client"), Reason.ERROR),
    ],
)
def test_a_local_fault_is_no_refusal_of_the_model(error: Exception, reason: Reason) -> None:
    assert reason_of(error) is reason
