"""Links are found as a reader sees them, and each is tried once."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from link_check.finding import addresses_in, links_in
from link_check.job import run
from text_summary.pages import address_in, read_page

from brain.seed.web.fetching import Fetcher

PAGE = b"""<title>Home</title><a href="/good">a</a> <a href="/gone#x">b</a> <a href="/moved">c</a>
<a href="/robots">d</a> <a href="/huge">e</a> <a href="/good#again">f</a> <a href="mailto:a@b.c">g</a>"""


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        statuses = {"/gone": 404, "/moved": 302, "/robots": 403}
        self.send_response(statuses.get(self.path, 200))
        if self.path == "/moved":
            self.send_header("Location", "/good")
        self.send_header("Content-Type", "video/mp4" if self.path == "/huge" else "text/html; charset=odd")
        body = PAGE if self.path == "/" else b"x"
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    """A small web site of this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def checked(folder: Path, title: str, fetcher: Fetcher | None, content: str | None = None) -> dict[str, str]:
    inputs = []
    if content is not None:
        (folder / "in.md").write_text(content)
        inputs = [{"name": "notes.md", "path": str(folder / "in.md"), "media_type": "text/markdown"}]
    job = {"task": {"title": title, "description": ""}, "inputs": inputs}
    (folder / "job.json").write_text(json.dumps(job))
    run(folder, fetcher)
    result: dict[str, str] = json.loads((folder / "result.json").read_text())
    return result


def of_this_machine(site: str) -> Fetcher:
    return Fetcher(may=lambda _: True, ports=frozenset({int(site.rpartition(":")[2])}))


def test_the_links_of_a_page_are_tried_and_sorted_by_what_became_of_them(site: str, tmp_path: Path) -> None:
    result = checked(tmp_path, f"Check the links on {site}/", of_this_machine(site))
    report = (tmp_path / "links.md").read_text()

    assert result["summary"] == (
        f"Checked 5 links in {site}/: 3 work (1 of them moved), 1 broken, 1 could not be checked. "
        f"Broken: {site}/gone"
    )
    assert report.index("## Broken (1)") < report.index(f"<{site}/gone>") < report.index("## Could not")
    assert f"<{site}/moved> - It leads to {site}/good" in report


def test_the_links_of_a_file_are_tried(site: str, tmp_path: Path) -> None:
    text = f"[a]({site}/good) and {site}/gone. [local](other.md) [b][1]\n\n[1]: {site}/good\n"
    result = checked(tmp_path, "check links", of_this_machine(site), text)

    assert "Checked 2 links in notes.md: 1 work, 1 broken." in result["summary"]
    assert "1 link within the site could not be followed" in (tmp_path / "links.md").read_text()


def test_addresses_of_this_network_are_not_asked(site: str, tmp_path: Path) -> None:
    result = checked(tmp_path, "check links", None, f"{site}/good")

    assert "1 broken" in result["summary"]
    assert "It answered" not in (tmp_path / "links.md").read_text()


def test_a_text_without_links_is_told_so(tmp_path: Path) -> None:
    assert "no web addresses in notes.md" in checked(tmp_path, "check links", None, "nothing")["error"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See https://a.org/x. And (https://b.org/y(z)).", ["https://a.org/x", "https://b.org/y(z)"]),
        ("[t](https://a.org 'title') <https://b.org>", ["https://a.org", "https://b.org"]),
        ("`https://a.org/c`, **https://b.org**", ["https://a.org/c", "https://b.org"]),
        ("mailto:x@y.z #anchor ftp://a.b", []),
    ],
)
def test_links_are_found_in_running_text(text: str, found: list[str]) -> None:
    assert links_in(text, is_html=False)[0] == found


def test_an_address_in_a_sentence_ends_where_the_sentence_does() -> None:
    assert addresses_in("Check https://a.org/b, please.") == ["https://a.org/b"]
    assert address_in("Summarise https://a.org/b?c=d.") == "https://a.org/b?c=d"


def test_of_a_page_only_the_running_text_is_read() -> None:
    page = read_page(
        "<html><head><title>The  harbour</title></head><body><nav><a href='/'>Home</a></nav>"
        "<script>x</script><h1>Harbour</h1><p>It was rebuilt.</p><ul><li>Menu</li></ul>"
        "<footer>Imprint</footer></body></html>",
        "page.html",
    )

    assert page.name == "The harbour"
    assert "It was rebuilt." in page.text
    assert not any(word in page.text for word in ("Home", "Menu", "Imprint", "Links:"))
