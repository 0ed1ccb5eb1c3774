"""Markdown in, Telegram's HTML out, cut where Telegram's own count says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.telegram import markup
from tests.botapi.entities import parse_html, units

LIMIT = 4096


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("Created task 1, “Analyse sales.csv” (high).", "Created task 1, “Analyse sales.csv” (high)."),
        ("a **bold** and *slanted* word", "a <b>bold</b> and <i>slanted</i> word"),
        ("***both***", "<b><i>both</i></b>"),
        ("~~gone~~", "<s>gone</s>"),
        ("run `x < 1 && y`", "run <code>x &lt; 1 &amp;&amp; y</code>"),
        ("```py\nif a < b:\n    go()\n```", "<pre>if a &lt; b:\n    go()</pre>"),
        ("# Report\n\ntext", "<b>Report</b>\n\ntext"),
        ("[here](https://a.example/?x=1&y=2)", '<a href="https://a.example/?x=1&amp;y=2">here</a>'),
        ("[nowhere](javascript:alert)", "[nowhere](javascript:alert)"),
        ("Open:\n- one\n- two\n  - deeper", "Open:\n• one\n• two\n  • deeper"),
        ("3. three\n4. four", "3. three\n4. four"),
        ("> said\n> so", "<blockquote>said\nso</blockquote>"),
        ("snake_case_name and 3 * 4 * 5", "snake_case_name and 3 * 4 * 5"),
        ("<b>not mine</b> &amp; <script>", "&lt;b&gt;not mine&lt;/b&gt; &amp;amp; &lt;script&gt;"),
        ("line one\nline two\n\nline four", "line one\nline two\n\nline four"),
        ("| a | long |\n|---|---|\n| 100 | 2 |", "<pre>a    long\n100  2</pre>"),
        ("", ""),
    ],
)
def test_markdown_becomes_the_html_that_telegram_knows(markdown: str, html: str) -> None:
    assert markup.to_html(markup.parse(markdown)) == html


def test_plain_text_keeps_where_a_link_leads() -> None:
    spans = markup.parse("see **[the panel](https://panel.example)** now")
    assert markup.plain(spans, LIMIT) == "see the panel (https://panel.example) now"


def test_plain_text_drops_the_links_target_when_there_is_no_room_for_it() -> None:
    spans = markup.parse("[word](https://panel.example)")
    assert markup.plain(spans, 10) == "word"


def test_a_long_text_is_cut_between_paragraphs() -> None:
    first, second = "a" * 60, "b" * 60
    pieces = markup.cut(markup.parse(f"{first}\n\n{second}"), 100)
    assert [markup.plain(piece, LIMIT) for piece in pieces] == [first, second]


def test_a_text_of_exactly_the_limit_is_one_piece_and_one_more_character_makes_two() -> None:
    assert len(markup.cut(markup.parse("a" * 4096), LIMIT)) == 1
    assert len(markup.cut(markup.parse("a" * 4097), LIMIT)) == 2


def test_an_emoji_counts_as_two_and_is_never_halved() -> None:
    pieces = markup.cut(markup.parse("🙂" * 2049), LIMIT)
    assert [len(markup.plain(piece, LIMIT)) for piece in pieces] == [2048, 1]


def test_bold_text_across_a_cut_is_bold_on_both_sides() -> None:
    pieces = markup.cut(markup.parse(f"**{'word ' * 40}end**"), 100)
    assert len(pieces) == 3
    assert all(markup.to_html(piece).startswith("<b>") for piece in pieces)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab *_`~#>[]()|-\n<&;🙂1.\\", max_size=300), st.integers(5, 80))
def test_whatever_is_written_telegram_can_parse_every_piece_and_each_fits(text: str, limit: int) -> None:
    pieces = markup.cut(markup.parse(text), limit)
    for piece in pieces:
        read, _ = parse_html(markup.to_html(piece))
        assert units(read) <= limit
        assert read.strip()


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="abc \n", max_size=300), st.integers(5, 80))
def test_cutting_loses_no_word(text: str, limit: int) -> None:
    spans = markup.parse(text)
    pieces = "".join(markup.plain(piece, limit) for piece in markup.cut(spans, limit))
    assert "".join(pieces.split()) == "".join(text.split())
