"""Names that come from outside."""

import pytest

from gateway.errors import InvalidPosition, InvalidSessionId
from gateway.session.names import position, session_id


@pytest.mark.parametrize("name", ["main", "telegram:-100123", "a.b_c@d-e", "7", "x" * 100])
def test_a_good_session_id_is_taken(name: str) -> None:
    assert session_id(name) == name


@pytest.mark.parametrize("name", ["", "-main", "a b", "a/b", "a\n", "é", "x" * 101, "*"])
def test_a_bad_session_id_is_refused(name: str) -> None:
    with pytest.raises(InvalidSessionId, match="1 to 100"):
        session_id(name)


def test_only_a_position_of_ours_is_taken() -> None:
    assert position("1700000000000-0") == "1700000000000-0"
    for bad in ("", "0", "-", "+", "$", "1-2-3", "a-b", "1-0\n"):
        with pytest.raises(InvalidPosition):
            position(bad)
