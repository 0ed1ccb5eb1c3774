"""Requests to the ledger by aiohttp: a third of the processor time that httpx's own carrier takes.

A turn is three requests, and a process answers many turns at once: what carries them is most of what the
process does. The SDK stays on httpx, whose requests and answers these are.
"""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Self

import aiohttp
import httpx
from yarl import URL

_PIECE_BYTES = 65_536
_IDLE_S = 15.0
"""Less than servers keep an idle connection, so that none is written to while it closes."""
_MOST_CONNECTIONS = 100
_SET_BY_US = frozenset((b"transfer-encoding", b"connection", b"host"))


class Carrier(httpx.AsyncBaseTransport):
    """An httpx transport on one aiohttp session, which is opened with the first request."""

    def __init__(self, *, trust_env: bool) -> None:
        """`trust_env`: whether a proxy that the environment names may step in."""
        self._trust_env = trust_env
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it, and give what came back as soon as its head is there.

        Raises:
            httpx.TransportError: As httpx's own carrier raises it.
        """
        if self._session is None:
            self._session = self._opened(secure=request.url.scheme == "https")
        with _translated():
            answer = await self._session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=[
                    (name.decode("ascii"), value.decode("latin-1"))
                    for name, value in request.headers.raw
                    if name.lower() not in _SET_BY_US
                ],
                data=_body(request),
                allow_redirects=False,
                timeout=_timeout(request),
            )
        return httpx.Response(
            answer.status, headers=list(answer.raw_headers), stream=_Body(answer), request=request
        )

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self, *, secure: bool) -> aiohttp.ClientSession:
        trusted: ssl.SSLContext | bool = httpx.create_ssl_context() if secure else True
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_MOST_CONNECTIONS, keepalive_timeout=_IDLE_S, ssl=trusted),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=self._trust_env,
        )


class _Body(httpx.AsyncByteStream):
    """What an answer brings. A connection whose answer was not read to its end is closed."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated():
            async for piece in self._answer.content.iter_chunked(_PIECE_BYTES):
                yield piece

    async def aclose(self) -> None:
        if self._answer.content.at_eof():
            self._answer.release()
        else:
            self._answer.close()


def _body(request: httpx.Request) -> bytes | AsyncIterator[bytes] | None:
    try:
        return request.content or None
    except httpx.RequestNotRead:
        assert isinstance(request.stream, httpx.AsyncByteStream)  # noqa: S101 - an asynchronous client's
        return aiter(request.stream)


def _timeout(request: httpx.Request) -> aiohttp.ClientTimeout:
    given = request.extensions.get("timeout", {})
    return aiohttp.ClientTimeout(
        connect=given.get("pool"), sock_connect=given.get("connect"), sock_read=given.get("read")
    )


@contextmanager
def _translated() -> Iterator[None]:
    """Only what says that nothing was sent may say so: a request that may have been heard is another case."""
    try:
        yield
    except aiohttp.ConnectionTimeoutError as error:
        raise httpx.ConnectTimeout(str(error)) from error
    except aiohttp.ClientConnectorError as error:
        raise httpx.ConnectError(str(error)) from error
    except TimeoutError as error:
        raise httpx.ReadTimeout(str(error)) from error
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
        raise httpx.UnsupportedProtocol(str(error)) from error
    except ValueError as error:
        raise httpx.LocalProtocolError(str(error)) from error
    except (aiohttp.ClientError, OSError) as error:
        raise httpx.ReadError(str(error) or type(error).__name__) from error
