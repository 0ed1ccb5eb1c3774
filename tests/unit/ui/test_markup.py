"""Hostile Markdown."""

import pytest

from ui import markup


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "text <iframe src=javascript:alert(1)></iframe>",
        "<style>*{display:none}</style>",
        "<form action=/logout method=post><button>x</button></form>",
        '<a href="javascript:alert(1)">x</a>',
    ],
)
def test_raw_html_stays_text(hostile: str) -> None:
    html = markup.to_html(hostile)
    for tag in ("<script", "<img", "<svg", "<iframe", "<style", "<form", "<a "):
        assert tag not in html


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "vbscript:x", "data:text/html,x", "file:///etc/passwd"],
)
def test_only_web_and_mail_addresses_become_links(address: str) -> None:
    assert "<a" not in markup.to_html(f"[x]({address})")


def test_a_link_opens_apart_and_does_not_tell_where_it_was() -> None:
    html = markup.to_html("[x](https://example.org)")
    assert 'href="https://example.org"' in html
    assert 'rel="noopener noreferrer nofollow"' in html
    assert 'target="_blank"' in html


def test_a_picture_from_elsewhere_is_only_its_caption() -> None:
    html = markup.to_html('![a "chart"](https://tracker.example/x.png)')
    assert "<img" not in html
    assert "tracker" not in html
    assert "chart" in html


def test_a_picture_of_the_task_is_shown_by_its_name() -> None:
    html = markup.to_html('![c"><script>](chart.png)', {"chart.png": "/files/1"})
    assert '<img src="/files/1"' in html
    assert "<script" not in html


def test_a_table_is_a_table() -> None:
    assert "<td>1</td>" in markup.to_html("|a|b|\n|-|-|\n|1|2|")


def test_a_line_has_the_words_without_the_marks() -> None:
    line = markup.to_line("# Sales\n\nRevenue is **€84,120**,\n`up` 12 % ![x](y.png)\n\n- one\n- two")
    assert line == "Sales Revenue is €84,120, up 12 % one two"


def test_an_endless_text_is_cut() -> None:
    assert len(markup.to_html("a" * 1_000_000)) < 300_000
