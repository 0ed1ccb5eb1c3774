"""The gateway over HTTP: post a message, hear what is said."""

import ipaddress
from collections.abc import AsyncIterator, Sequence
from typing import BinaryIO
from urllib.parse import quote, urlsplit

import httpx
import msgspec
import structlog

from agentops.wire import Problem
from ui import strings, wording
from ui.errors import GatewayRefused
from ui.said import BY_NAME, Accepted, Said

log = structlog.get_logger(__name__)

ANSWER_TIMEOUT_S = 60.0
SILENCE_TIMEOUT_S = 40.0
"""The gateway pings every 15 s; after this much silence the connection is dead."""

Upload = tuple[str, BinaryIO, str]
"""Name, content, media type."""


class GatewayClient:
    """The conversation API of one gateway."""

    def __init__(self, url: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=url, timeout=httpx.Timeout(10, read=ANSWER_TIMEOUT_S), trust_env=not is_loopback(url)
        )

    async def aclose(self) -> None:
        """Close the pooled connections."""
        await self._http.aclose()

    async def post_turn(
        self, session_id: str, *, key: str, text: str, external_id: str, uploads: Sequence[Upload] = ()
    ) -> Accepted:
        """Hand over a message; repeating it with the same `external_id` says it once.

        Raises:
            GatewayRefused: it was not taken; says why.
        """
        url = f"/api/v1/sessions/{quote(session_id, safe='')}/turns"
        headers = {"Authorization": f"Bearer {key}"}
        message = {"text": text, "external_id": external_id}
        try:
            if uploads:
                files = [("files", upload) for upload in uploads]
                answer = await self._http.post(url, headers=headers, data=message, files=files)
            else:
                answer = await self._http.post(url, headers=headers, json=message)
        except httpx.HTTPError as error:
            log.warning("gateway.unreachable", reason=type(error).__name__)
            raise GatewayRefused(503, "unavailable", strings.GATEWAY_DOWN) from error
        if answer.status_code >= 400:
            raise _refusal(answer)
        return msgspec.json.decode(answer.content, type=Accepted)

    async def listen(
        self, session_id: str, *, key: str, after: str | None
    ) -> AsyncIterator[tuple[str | None, Said | None]]:
        """What is said from now on, or behind a position; first a `(None, None)` once it is connected.

        Yields:
            The position to resume at (None for what is not durable) and what was said.

        Raises:
            httpx.HTTPError: the connection was lost.
            GatewayRefused: the gateway does not let this key listen.
        """
        headers = {"Authorization": f"Bearer {key}", "Accept": "text/event-stream"}
        if after:
            headers["Last-Event-ID"] = after
        url = f"/api/v1/sessions/{quote(session_id, safe='')}/stream"
        timeout = httpx.Timeout(10, read=SILENCE_TIMEOUT_S)
        async with self._http.stream("GET", url, headers=headers, timeout=timeout) as answer:
            if answer.status_code != 200:
                await answer.aread()
                raise _refusal(answer)
            yield None, None
            async for position, name, data in server_sent_events(answer.aiter_lines()):
                if kind := BY_NAME.get(name):
                    yield position, msgspec.json.decode(data, type=kind)


async def server_sent_events(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str | None, str, str]]:
    """Parse an event stream (WHATWG HTML, section 9.2.6) into id, event name and data."""
    position: str | None = None
    name = "message"
    data: list[str] = []
    async for line in lines:
        if not line:
            if data:
                yield position, name, "\n".join(data)
            position, name, data = None, "message", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "id":
            position = value
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)


def _refusal(answer: httpx.Response) -> GatewayRefused:
    try:
        problem = msgspec.json.decode(answer.content, type=Problem)
    except msgspec.DecodeError:
        problem = Problem(detail=strings.GATEWAY_DOWN, code="unavailable")
    detail = wording.sentence(problem.detail or problem.title)
    return GatewayRefused(answer.status_code, problem.code, detail)


def is_loopback(url: str) -> bool:
    """Whether an address is this very machine: no proxy stands before it."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
