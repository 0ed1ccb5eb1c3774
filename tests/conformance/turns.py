"""Turns and replies for tests, with only what matters said."""

import itertools
from datetime import UTC, datetime

from gateway.session.turns import Lane, Notice, Reply, SessionId, Turn, TurnId

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MAIN = SessionId("main")

_numbers = itertools.count(1)


def a_turn(
    text: str = "hello",
    *,
    session: str = "main",
    channel: str = "web",
    address: str = "",
    external_id: str | None = None,
    lane: Lane = Lane.TALK,
) -> Turn:
    number = next(_numbers)
    return Turn(
        id=TurnId(f"turn-{number}"),
        session_id=SessionId(session),
        channel=channel,
        address=address,
        external_id=external_id or f"external-{number}",
        text=text,
        lane=lane,
        received_at=NOW,
    )


def a_reply(turn: Turn, text: str | None = None) -> Reply:
    return Reply(
        session_id=turn.session_id,
        turn_id=turn.id,
        channel=turn.channel,
        address=turn.address,
        text=f"re: {turn.text}" if text is None else text,
        at=NOW,
    )


def a_notice(name: str = "notice-1", *, session: str = "main", text: str = "Done: it.") -> Notice:
    return Notice(id=name, session_id=SessionId(session), kind="task.completed", text=text, at=NOW)
