"""How messages are cut into calls."""

from gateway.session.turns import Attachment
from gateway.telegram import markup
from gateway.telegram.parts import (
    CAPTION_LIMIT,
    REPEAT_MARK,
    UPLOAD_LIMIT_BYTES,
    FilePart,
    TextPart,
    plan,
)

CHART = Attachment(artifact_id="a1", name="chart.png", media_type="image/png", size_bytes=1000)
REPORT = Attachment(artifact_id="a2", name="report.md", media_type="text/markdown", size_bytes=1000)


def said(part: TextPart | FilePart) -> str:
    return markup.plain(part.spans, 4096)


def test_a_notice_with_a_picture_is_the_picture_with_the_text_under_it_then_the_document() -> None:
    picture, document = plan("Done.", [CHART, REPORT])
    assert isinstance(picture, FilePart)
    assert picture.picture
    assert said(picture) == "Done."
    assert isinstance(document, FilePart)
    assert not document.picture
    assert said(document) == ""


def test_a_text_too_long_for_a_caption_goes_before_the_file() -> None:
    text, picture = plan("a" * (CAPTION_LIMIT + 1), [CHART])
    assert isinstance(text, TextPart)
    assert isinstance(picture, FilePart)
    assert said(picture) == ""


def test_a_picture_above_ten_megabytes_goes_as_a_document() -> None:
    huge = Attachment(artifact_id="a", name="x.png", media_type="image/png", size_bytes=11 * 2**20)
    (part,) = plan("", [huge])
    assert isinstance(part, FilePart)
    assert not part.picture


def test_a_file_above_what_bots_may_send_is_named_instead() -> None:
    huge = Attachment(artifact_id="a", name="x.zip", media_type="a/zip", size_bytes=UPLOAD_LIMIT_BYTES + 1)
    (text, instead) = plan("Done.", [huge])
    assert said(text) == "Done."
    assert "x.zip" in said(instead)
    assert "web panel" in said(instead)


def test_the_same_message_is_cut_the_same_way_every_time() -> None:
    text = "word **and** more. " * 1000
    assert plan(text, [CHART]) == plan(text, [CHART])
    assert len(plan(text, [CHART])) == 5


def test_the_mark_of_a_possible_repeat_always_fits() -> None:
    for part in plan("a" * 10_000) + plan("b" * CAPTION_LIMIT, [CHART]):
        limit = 1024 if isinstance(part, FilePart) else 4096
        assert said(part.marked()).startswith(REPEAT_MARK.rstrip())
        assert markup.units(said(part.marked())) <= limit


def test_nothing_to_say_is_no_part() -> None:
    assert plan(" \n ") == []
