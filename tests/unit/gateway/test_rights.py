"""What each role may do, and whose session is whose."""

import pytest

from agentops.wire import Person, PersonId, Role
from gateway.identity.rights import Right, may
from gateway.identity.sessions import person_of, session_of
from gateway.session.turns import SessionId
from tests.conformance.turns import MAIN, NOW

MAY = {
    Role.OWNER: {Right.TALK, Right.ACT, Right.ANSWER, Right.APPROVE, Right.MANAGE},
    Role.MEMBER: {Right.TALK, Right.ACT, Right.ANSWER},
    Role.GUEST: {Right.TALK},
    None: set(),
}


@pytest.mark.parametrize("right", Right)
@pytest.mark.parametrize("role", MAY)
def test_every_role_has_its_rights_and_no_others(role: Role | None, right: Right) -> None:
    assert may(role, right) == (right in MAY[role])


def someone(role: Role) -> Person:
    return Person(
        id=PersonId("7"), name="Ada", role=role, time_zone="UTC", language="en", contacts=[], created_at=NOW
    )


@pytest.mark.parametrize(
    ("role", "session"), [(Role.OWNER, "main"), (Role.MEMBER, "person-7"), (Role.GUEST, "guest-7")]
)
def test_owners_share_the_main_session_and_the_others_have_their_own(role: Role, session: str) -> None:
    assert session_of(someone(role), MAIN) == session
    assert person_of(SessionId(session)) == (None if role is Role.OWNER else "7")
