"""Server-sent events, as the gateway sends them."""

from collections.abc import AsyncIterator

from ui.gateway_client import server_sent_events


async def lines(text: str) -> AsyncIterator[str]:
    for line in text.split("\n"):
        yield line


async def parsed(text: str) -> list[tuple[str | None, str, str]]:
    return [event async for event in server_sent_events(lines(text))]


async def test_an_event_has_its_position_its_name_and_its_data() -> None:
    assert await parsed('id: 7-0\nevent: reply\ndata: {"a":1}\n\n') == [("7-0", "reply", '{"a":1}')]


async def test_what_is_not_durable_has_no_position() -> None:
    assert await parsed("id: 7\nevent: reply\ndata: 1\n\nevent: chunk\ndata: 2\n\n") == [
        ("7", "reply", "1"),
        (None, "chunk", "2"),
    ]


async def test_pings_and_empty_events_are_nothing() -> None:
    assert await parsed(": ping\n\nid: 3\n\n\n") == []


async def test_data_may_have_lines() -> None:
    assert await parsed("data: a\ndata:b\n\n") == [(None, "message", "a\nb")]


async def test_an_event_that_was_cut_off_is_not_told() -> None:
    assert await parsed("event: chunk\ndata: half") == []
