"""Reading a web page or a file from a host that may be read: bounded, and never from a private address."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urljoin, urlsplit

import httpx

from brain.seed.errors import FetchRefused
from brain.seed.web.addresses import Address, Resolve, is_public, pinned, resolved

_MOST_REDIRECTS = 5
_PORTS = frozenset({80, 443, 8080, 8443})
_USER_AGENT = "chief-of-staff"
_TEXTUAL = ("text/", "application/json", "application/xml", "application/xhtml", "application/rss")
_FILES = (
    "application/pdf", "application/zip", "application/gzip", "application/octet-stream", "image/",
    "application/vnd.", "application/msword", "audio/", "font/", "application/x-",
)  # fmt: skip


class HostNotListed(FetchRefused):
    """The person has not said that this host may be read.

    Args:
        host: Which.
    """

    def __init__(self, host: str) -> None:
        super().__init__(f"{host} is not among the hosts that may be read.")
        self.host = host


@dataclass(frozen=True)
class Fetched:
    """What came."""

    url: str
    """After all redirects."""
    status: int
    media_type: str
    charset: str
    content: bytes

    @property
    def is_text(self) -> bool:
        """Whether it is meant to be read."""
        return self.media_type.startswith(_TEXTUAL)


@dataclass(frozen=True)
class Fetcher:
    """Fetches by GET, without cookies, and tells no server whence it comes.

    Attributes:
        max_bytes: Of a body, after decompression.
        timeout_s: For everything together with its redirects, by each read.
        resolve: From a name to addresses.
        may: Which of them may be spoken to.
        ports: Which may be spoken to.
    """

    max_bytes: int = 10_000_000
    timeout_s: float = 20.0
    resolve: Resolve = resolved
    may: Callable[[Address], bool] = is_public
    ports: frozenset[int] = field(default=_PORTS)

    async def fetch(self, url: str, listed: Callable[[str], bool]) -> Fetched:
        """A page or a file.

        Args:
            url: http or https.
            listed: Whether a host may be read; asked again at every redirect.

        Raises:
            HostNotListed: It, or where it redirects to, may not.
            FetchRefused: Anything else; the message says what.
        """
        async with httpx.AsyncClient(timeout=self.timeout_s, trust_env=False, verify=_trusted()) as client:
            for _ in range(_MOST_REDIRECTS + 1):
                answer = await self._asked(client, url, listed)
                if isinstance(answer, Fetched):
                    return answer
                url = answer
        raise FetchRefused(f"It redirects more than {_MOST_REDIRECTS} times.")

    async def _asked(
        self, client: httpx.AsyncClient, url: str, listed: Callable[[str], bool]
    ) -> Fetched | str:
        """What came, or where it redirects to."""
        target, host = await self._target(url, listed)
        request = client.build_request(
            "GET",
            target,
            headers={"Host": _authority(url), "User-Agent": _USER_AGENT, "Accept": "*/*"},
            extensions={"sni_hostname": host},
        )
        try:
            answer = await client.send(request, stream=True)
            try:
                if answer.is_redirect and "location" in answer.headers:
                    return urljoin(url, answer.headers["location"])
                return await self._read(answer, url)
            finally:
                await answer.aclose()
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
            raise FetchRefused(f"{host} did not answer ({type(error).__name__}).") from error

    async def _target(self, url: str, listed: Callable[[str], bool]) -> tuple[str, str]:
        """The URL with the address in the host's place, and the host."""
        try:
            split = urlsplit(url.strip())
            port, host = split.port, split.hostname
        except ValueError as error:
            raise FetchRefused(f"{url[:200]} is no URL.") from error
        if split.scheme not in ("http", "https") or not host:
            raise FetchRefused("Only http and https URLs can be read.")
        if split.username or split.password:
            raise FetchRefused("A URL with a password in it is not read.")
        port = port or (443 if split.scheme == "https" else 80)
        if port not in self.ports:
            raise FetchRefused(f"Port {port} is not read.")
        if not listed(host):
            raise HostNotListed(host)
        address = pinned(host, await self.resolve(host, port), self.may)
        netloc = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        return split._replace(netloc=netloc, fragment="").geturl(), host

    async def _read(self, answer: httpx.Response, url: str) -> Fetched:
        media_type = answer.headers.get("content-type", "application/octet-stream")
        media_type = media_type.partition(";")[0].strip().lower()
        if not media_type.startswith((*_TEXTUAL, *_FILES)):
            raise FetchRefused(f"It is of the type {media_type}, which is not read.")
        content = bytearray()
        async for piece in answer.aiter_bytes():
            content += piece
            if len(content) > self.max_bytes:
                raise FetchRefused(f"It has more than {self.max_bytes:,} bytes.")
        charset = answer.charset_encoding or "utf-8"
        return Fetched(url, answer.status_code, media_type, charset, bytes(content))


def _authority(url: str) -> str:
    return urlsplit(url.strip()).netloc.rpartition("@")[2]


@cache
def _trusted() -> ssl.SSLContext:
    """Made once: reading the certificates takes longer than many a page."""
    return httpx.create_ssl_context(trust_env=False)
