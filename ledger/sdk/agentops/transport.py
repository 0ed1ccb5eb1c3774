"""One HTTP connection pool to the ledger: encoding, retries, and answers turned into types or errors."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any, TypeVar

import httpx
import msgspec

from agentops import errors, tracing, wire
from agentops.answers import decoded, raise_for, translated
from agentops.link import Link
from agentops.requests import address, checked_key, encoded, header_value, idempotency, is_loopback
from agentops.retry import RetryPolicy
from agentops.uploads import Body
from agentops.version import VERSION

T = TypeVar("T")
Params = Mapping[str, str | int | float | None]

# Storing a large file takes the ledger longer than any other call.
UPLOAD_ANSWER_TIMEOUT_S = 60.0


class Transport:
    """Sends requests for the typed calls.

    Args:
        url: Where the ledger is: scheme, host, port.
        api_key: Sent as a bearer token; never logged, never part of an error.
        timeout_s: For connecting, and for each wait for the other side.
        retry: How often and how long a call is tried.
        link: What takes the requests instead of the network.
        carrier: What brings the requests to the network; None: httpx's own. It is closed with this.

    Raises:
        ValueError: The address or the key cannot be one.
    """

    def __init__(
        self,
        url: str,
        api_key: str | None,
        *,
        timeout_s: float = 10.0,
        retry: RetryPolicy | None = None,
        link: Link | None = None,
        carrier: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.url = address(url)
        self.link = link
        self._api_key = checked_key(api_key) if api_key else None
        self.timeout_s = timeout_s
        self.retry = retry or RetryPolicy()
        self._http = httpx.AsyncClient(
            base_url=f"{self.url}/api/v1",
            headers={"User-Agent": f"agentops-sdk/{VERSION}", "Accept": "application/json"},
            timeout=timeout_s,
            trust_env=not is_loopback(self.url),
            transport=link.http if link else carrier,
            # Plain HTTP has no use for certificates, and loading them takes 20 ms of every client.
            verify=self.url.startswith("https:"),
        )
        self._carrier = None if link else carrier
        self._base = f"{self.url}/api/v1"
        self._headers = dict(self._http.headers)

    def __repr__(self) -> str:
        return f"Transport(url={self.url!r})"

    async def aclose(self) -> None:
        """Close the pooled connections."""
        await self._http.aclose()

    def authorization(self, api_key: str | None = None) -> dict[str, str]:
        """The header that carries the key (the transport's own unless another is given)."""
        key = api_key or self._api_key
        return {"Authorization": f"Bearer {key}"} if key else {}

    async def get(
        self, path: str, into: type[T], *, params: Params | None = None, api_key: str | None = None
    ) -> T:
        """Read one thing."""
        headers = self.authorization(api_key)
        answer = await self._send("GET", path, headers, params=params)
        return decoded(answer, into)

    async def post(self, path: str, into: type[T], body: wire.Request, *, key: str | None = None) -> T:
        """Do one thing, once, however often the request has to be sent."""
        return decoded(await self._write("POST", path, body, key), into)

    async def patch(self, path: str, into: type[T], body: wire.Request, *, key: str | None = None) -> T:
        """Change one thing, once, however often the request has to be sent."""
        return decoded(await self._write("PATCH", path, body, key), into)

    async def delete(self, path: str, *, key: str | None = None) -> None:
        """Remove one thing; not finding it after an answer was lost means that it is removed."""
        answer_lost = False

        def note(error: errors.AgentOpsError) -> bool:
            nonlocal answer_lost
            answer_lost |= isinstance(error, errors.Unavailable) and error.maybe_done
            return True

        try:
            await self._send("DELETE", path, self.authorization() | idempotency(key), may_repeat=note)
        except errors.NotFound:
            if not answer_lost:
                raise

    async def upload(
        self, path: str, into: type[T], body: Body, *, media_type: str, params: Params, key: str | None
    ) -> T:
        """POST raw bytes, streamed."""
        headers = self.authorization() | idempotency(key)
        headers["Content-Type"] = header_value("media_type", media_type)
        if body.size_bytes is not None:
            headers["Content-Length"] = str(body.size_bytes)
        answer = await self._send(
            "POST", path, headers, params=params, body=body, may_repeat=lambda _: body.replayable
        )
        return decoded(answer, into)

    async def download(self, path: str, *, max_bytes: int) -> bytes:
        """GET raw bytes whole; begun anew when the connection breaks in the middle.

        Raises:
            TooLarge: There are more than `max_bytes`.
        """

        async def attempt() -> bytes:
            async with self._opened("GET", path, self.authorization()) as answer:
                return await _read(answer, max_bytes)

        return await self.retry.run(attempt, may_repeat=lambda _: True)

    @asynccontextmanager
    async def stream(self, path: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """GET raw bytes piece by piece; only the opening is tried again."""

        async def attempt() -> httpx.Response:
            return await self._open("GET", path, self.authorization())

        answer = await self.retry.run(attempt, may_repeat=lambda _: True)
        async with aclosing(answer), aclosing(_pieces(answer)) as pieces:
            yield pieces

    async def probe(self, path: str, into: type[T]) -> T:
        """GET once, without retries; a 503 whose body is a `T` is an answer too."""
        with translated(self.url):
            answer = await self._http.get(path)
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            try:
                return msgspec.json.decode(answer.content, type=into)
            except msgspec.DecodeError:
                pass
        raise_for(answer)
        return decoded(answer, into)

    async def _write(self, method: str, path: str, body: wire.Request, key: str | None) -> httpx.Response:
        headers = self.authorization() | idempotency(key)
        headers["Content-Type"] = "application/json"
        return await self._send(method, path, headers, content=encoded(body))

    async def _send(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        *,
        params: Params | None = None,
        content: bytes | None = None,
        body: Body | None = None,
        may_repeat: Callable[[errors.AgentOpsError], bool] = lambda _: True,
    ) -> httpx.Response:
        async def attempt() -> httpx.Response:
            pieces = body.chunks() if body else content
            timeout_s = UPLOAD_ANSWER_TIMEOUT_S if body else None
            async with self._opened(
                method, path, headers, params=params, content=pieces, read_timeout_s=timeout_s
            ) as answer:
                await answer.aread()
            return answer

        return await self.retry.run(attempt, may_repeat=may_repeat)

    @asynccontextmanager
    async def _opened(
        self, method: str, path: str, headers: dict[str, str], **options: Any
    ) -> AsyncIterator[httpx.Response]:
        answer = await self._open(method, path, headers, **options)
        try:
            with translated(self.url):
                yield answer
        finally:
            await answer.aclose()

    async def _open(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        *,
        params: Params | None = None,
        content: bytes | AsyncIterator[bytes] | None = None,
        read_timeout_s: float | None = None,
    ) -> httpx.Response:
        present = {name: str(value) for name, value in (params or {}).items() if value is not None}
        timeout = httpx.Timeout(self.timeout_s, read=max(self.timeout_s, read_timeout_s or 0.0))
        with translated(self.url):
            # The client's own builder merges URLs and cookies, which takes longer than all of the rest.
            request = httpx.Request(
                method,
                self._base + path,
                headers=self._headers | headers | tracing.header(),
                params=present or None,
                content=content,
                extensions={"timeout": timeout.as_dict()},
            )
            answer = await self._sent(request)
            if answer.is_success:
                return answer
            try:
                await answer.aread()
            finally:
                await answer.aclose()
        raise_for(answer)
        raise AssertionError("an answer either succeeded or raised")

    async def _sent(self, request: httpx.Request) -> httpx.Response:
        if self._carrier is None:
            return await self._http.send(request, stream=True)
        # Redirects, cookies and credentials of a client are nothing that the ledger has.
        answer = await self._carrier.handle_async_request(request)
        answer.request = request
        return answer


async def _read(answer: httpx.Response, max_bytes: int) -> bytes:
    content = bytearray()
    async for piece in answer.aiter_bytes():
        content += piece
        if len(content) > max_bytes:
            raise errors.TooLarge(f"There are more than {max_bytes} bytes; use stream() for large content")
    return bytes(content)


async def _pieces(answer: httpx.Response) -> AsyncGenerator[bytes, None]:
    with translated(str(answer.request.url)):
        async for piece in answer.aiter_bytes():
            yield piece
