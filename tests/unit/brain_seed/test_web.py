"""Reading the web: only listed hosts, only public addresses, only so much, whatever a server answers."""

import asyncio
import gzip
import ipaddress
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from brain.seed.errors import FetchRefused
from brain.seed.web.addresses import is_public, pinned
from brain.seed.web.fetching import Fetcher, HostNotListed
from brain.seed.web.hosts import HostRules
from brain.seed.web.pages import text_of
from brain.seed.web.searching import Search

PRIVATE = (
    *("127.0.0.1", "127.8.8.8", "0.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "192.0.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("::1", "::", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:db8::1", "2001:0:7f00:1::"),
)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "8.8.8.8"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_one_private_address_among_public_ones_refuses_them_all() -> None:
    with pytest.raises(FetchRefused, match="not on the public internet"):
        pinned("two.example", ["93.184.216.34", "127.0.0.1"])


async def test_nothing_on_this_machine_is_read_however_it_is_written() -> None:
    async with served(plain("secret")) as port:
        fetcher = Fetcher(ports=frozenset({port}))
        for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0"):
            with pytest.raises(FetchRefused):
                await fetcher.fetch(f"http://{host}:{port}/", anywhere)


async def test_a_name_that_points_at_this_machine_is_not_read() -> None:
    async with served(plain("secret")) as port:
        fetcher = Fetcher(ports=frozenset({port}), resolve=pointing_at("127.0.0.1"))
        with pytest.raises(FetchRefused, match="not on the public internet"):
            await fetcher.fetch(f"http://innocent.example:{port}/", anywhere)


async def test_a_name_is_resolved_once_so_that_it_cannot_mean_something_else_later() -> None:
    asked: list[str] = []

    async def resolve(host: str, _: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    async with served(plain("hello")) as port:
        fetcher = Fetcher(ports=frozenset({port}), resolve=resolve, may=is_loopback)
        fetched = await fetcher.fetch(f"http://pinned.example:{port}/a?b=c#d", anywhere)

    assert fetched.content.splitlines()[:2] == [
        b"GET /a?b=c HTTP/1.1",
        f"host=pinned.example:{port}".encode(),
    ]
    assert asked == ["pinned.example"]


async def test_a_redirect_is_checked_like_the_first_address() -> None:
    async with served(plain("secret")) as inside:

        async def resolve(host: str, _: int) -> Sequence[str]:
            return ["127.0.0.1"] if host == "outside.example" else ["127.0.0.2"]

        async with served(redirect(f"http://inside.example:{inside}/")) as port:
            fetcher = Fetcher(
                ports=frozenset({port, inside}), resolve=resolve, may=lambda one: str(one) == "127.0.0.1"
            )
            with pytest.raises(FetchRefused, match="not on the public internet"):
                await fetcher.fetch(f"http://outside.example:{port}/", anywhere)
            with pytest.raises(HostNotListed, match=r"inside\.example"):
                await fetcher.fetch(f"http://outside.example:{port}/", HostRules(("outside.example",)).allow)


async def test_a_circle_of_redirects_ends() -> None:
    async with served(redirect("/again")) as port:
        with pytest.raises(FetchRefused, match="redirects more than"):
            await loopback(port).fetch(f"http://a.example:{port}/", anywhere)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("file:///etc/passwd", "Only http and https"),
        ("gopher://a.example/", "Only http and https"),
        ("http://user:pass@a.example/", "password"),
        ("http://a.example:22/", "Port 22"),
        ("http://a.example:99999/", "no URL"),
        ("http:///nowhere", "Only http and https"),
    ],
)
async def test_an_odd_url_is_refused_before_anything_is_asked(url: str, why: str) -> None:
    with pytest.raises(FetchRefused, match=why):
        await Fetcher(resolve=pointing_at("127.0.0.1")).fetch(url, anywhere)


async def test_too_much_is_not_read_even_when_it_is_compressed() -> None:
    packed = gzip.compress(b"x" * 2_000_000)
    assert len(packed) < 10_000
    async with served(answer(packed, encoding="gzip")) as port:
        with pytest.raises(FetchRefused, match="more than 1,000,000 bytes"):
            await loopback(port, max_bytes=1_000_000).fetch(f"http://a.example:{port}/", anywhere)


async def test_an_unknown_kind_of_content_is_not_read() -> None:
    async with served(answer(b"x", media_type="video/mp4")) as port:
        with pytest.raises(FetchRefused, match="video/mp4"):
            await loopback(port).fetch(f"http://a.example:{port}/", anywhere)


async def test_a_server_that_talks_nonsense_or_nothing_is_told_plainly() -> None:
    async with served(b"nonsense\r\n\r\n") as port:
        with pytest.raises(FetchRefused, match="did not answer"):
            await loopback(port).fetch(f"http://a.example:{port}/", anywhere)
    async with served(None) as port:
        with pytest.raises(FetchRefused, match="did not answer"):
            await loopback(port, timeout_s=0.3).fetch(f"http://a.example:{port}/", anywhere)


def test_rules_know_hosts_their_subdomains_and_everything() -> None:
    rules = HostRules.read("Example.org, *.wiki.example  other.example.")
    allowed = ["example.org", "EXAMPLE.ORG.", "wiki.example", "en.wiki.example", "other.example"]
    assert all(rules.allow(host) for host in allowed)
    refused = ["www.example.org", "evilwiki.example", "example.org.evil.example", ""]
    assert not any(rules.allow(host) for host in refused)
    assert HostRules.read("*").allow("anything.example")
    assert not HostRules.read("").allow("anything.example")


def test_a_page_becomes_what_a_reader_sees() -> None:
    html = """<html><head><title>Harbour &amp; sea</title><style>p{}</style></head><body><nav>Menu</nav>
        <h2>News</h2><p>Forty   boats<br>came <a href="/boats">home</a>.</p><script>evil()</script>
        <ul><li>one</li><li>two</li></ul></body>"""
    text = text_of(html)
    assert text.startswith("Harbour & sea")
    assert "## News" in text
    assert "Forty boats\ncame home." in text
    assert "- one" in text
    assert "evil" not in text
    assert "Menu" not in text
    assert text.endswith("Links:\n/boats")


@pytest.mark.parametrize(
    "body",
    [
        b'{"results": [{"title": "T", "url": "https://a.example", "content": "S"}]}',
        b'{"web": {"results": [{"title": "T", "url": "https://a.example", "description": "S"}]}}',
    ],
)
async def test_search_providers_of_both_kinds_are_understood(body: bytes) -> None:
    async with served(answer(body, media_type="application/json")) as port:
        (found,) = await Search(f"http://127.0.0.1:{port}/?q={{query}}").find("forty boats")
    assert (found.title, found.url, found.snippet) == ("T", "https://a.example", "S")


@pytest.mark.parametrize("body", [b"no json", b"[]", b'{"results": "many"}', b'{"web": 3}'])
async def test_a_search_provider_that_answers_nonsense_finds_nothing_or_is_told(body: bytes) -> None:
    async with served(answer(body, media_type="application/json")) as port:
        try:
            assert await Search(f"http://127.0.0.1:{port}/?q={{query}}").find("boats") == []
        except FetchRefused as refused:
            assert "cannot be read" in str(refused)  # noqa: PT017  (either is right)


def anywhere(_: str) -> bool:
    """Every host is listed."""
    return True


def is_loopback(address: object) -> bool:
    """As if this machine were the internet."""
    return str(address).startswith("127.")


def pointing_at(address: str) -> Callable[[str, int], "asyncio.Future[Sequence[str]]"]:
    """A resolver that knows one address for every name."""

    async def resolve(_: str, __: int) -> Sequence[str]:
        return [address]

    return resolve  # type: ignore[return-value]


def loopback(port: int, **more: float) -> Fetcher:
    """A fetcher for which this machine is the internet."""
    return Fetcher(
        ports=frozenset({port}),
        resolve=pointing_at("127.0.0.1"),
        may=is_loopback,
        **more,  # type: ignore[arg-type]
    )


def answer(body: bytes, *, media_type: str = "text/plain", encoding: str = "identity") -> bytes:
    """A whole HTTP response."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n"
    head += f"Content-Encoding: {encoding}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body


def plain(text: str) -> bytes:
    """The same with text; `served` puts the request in front of it."""
    return answer(text.encode())


def redirect(to: str) -> bytes:
    """A response that sends elsewhere."""
    return f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


@asynccontextmanager
async def served(response: bytes | None) -> AsyncIterator[int]:
    """A server that answers everything so; "hello" is answered with what was asked. None: it says nothing."""

    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            if response is None:
                await reader.read()
            else:
                writer.write(_echo(request) if response.endswith(b"hello") else response)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # the fetcher has seen enough
        finally:
            writer.transport.abort() if response is None else writer.close()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(talk(reader, writer))
        talks.add(task)

    server = await asyncio.start_server(begin, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
    if talks:
        await asyncio.wait(talks)


def _echo(request: bytes) -> bytes:
    lines = request.decode().split("\r\n")
    host = next(line.split(": ", 1)[1] for line in lines if line.lower().startswith("host:"))
    return answer(f"{lines[0]}\nhost={host}\n".encode())
