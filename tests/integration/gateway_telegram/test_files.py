"""Files on their way in and out, through a real ledger."""

import struct
import zlib

import pytest

from agentops.wire import ArtifactId
from gateway.outbound import Outgoing, RetryLater
from gateway.session.turns import Attachment
from tests.botapi import faults
from tests.botapi.faults import Fault
from tests.integration.gateway_telegram.conftest import Desk
from tests.waiting import eventually

CSV = b"city,people\nBerlin,3700000\n"


def png(width: int = 64, height: int = 48) -> bytes:
    """A black picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (width + 1) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


async def stored(desk: Desk, name: str, content: bytes, media_type: str) -> Attachment:
    artifact = await desk.ops.upload(name, content, media_type=media_type)
    return Attachment(
        artifact_id=artifact.id, name=name, media_type=media_type, size_bytes=artifact.size_bytes
    )


async def content_of(desk: Desk, attachment: Attachment) -> bytes:
    return await desk.ops.download(ArtifactId(attachment.artifact_id))


async def deliver(desk: Desk, text: str, *attachments: Attachment) -> int:
    parts = 0

    async def sent() -> None:
        nonlocal parts
        parts += 1

    desk.owner.started = True
    notice = Outgoing(
        id="notice-1", session_id="main", kind="task.completed", text=text, attachments=attachments
    )
    await desk.channel.deliver(str(desk.owner.id), notice, sent)
    return parts


async def test_a_document_is_in_the_ledger_before_its_turn_is_there(desk_with_ledger: Desk) -> None:
    desk = desk_with_ledger
    async with desk.running():
        await desk.owner.sends_document(
            CSV, "Umsätze 2026.csv", "analyse this file, high priority", media_type="text/csv"
        )
        turn = await desk.turn()
    (attachment,) = turn.attachments
    assert turn.text == "analyse this file, high priority"
    assert (attachment.name, attachment.media_type, attachment.size_bytes) == (
        "Umsätze 2026.csv",
        "text/csv",
        len(CSV),
    )
    assert await content_of(desk, attachment) == CSV


async def test_a_photo_is_taken_in_its_largest_size(desk_with_ledger: Desk) -> None:
    desk, picture = desk_with_ledger, png(640, 480)
    async with desk.running():
        message = await desk.owner.sends_photo(picture, "what is this?")
        (attachment,) = (await desk.turn()).attachments
    assert attachment.name == f"photo-{message['message_id']}.jpg"
    assert await content_of(desk, attachment) == picture


async def test_an_album_is_one_turn(desk_with_ledger: Desk) -> None:
    desk = desk_with_ledger
    async with desk.running():
        await desk.owner.sends_document(b"one", "one.txt", "compare these", album="a")
        await desk.owner.sends_document(b"two", "two.txt", album="a")
        await desk.owner.sends_document(b"three", "three.txt", album="a")
        turn = await desk.turn()
        await eventually(lambda: desk.telegram.unconfirmed == 0)
    assert turn.text == "compare these"
    assert [attachment.name for attachment in turn.attachments] == ["one.txt", "two.txt", "three.txt"]
    await desk.no_turn()


async def test_a_file_above_twenty_megabytes_gets_a_clear_answer_and_no_turn(desk: Desk) -> None:
    async with desk.running():
        await desk.owner.sends_document(bytes(21 * 2**20), "film.mov", "cut this")
        answer = await desk.telegram.wait_for(lambda sent: "film.mov" in sent.text)
        await eventually(lambda: desk.telegram.unconfirmed == 0)
    assert "21.0 MB" in answer.text
    assert "at most 20 MB" in answer.text
    assert "web chat" in answer.text
    await desk.no_turn()


async def test_a_file_that_the_ledger_refuses_gets_its_reason_and_no_turn(desk_with_ledger: Desk) -> None:
    desk = desk_with_ledger
    async with desk.running():
        await desk.owner.sends_document(bytes(2_000_000), "big.bin", "look")
        answer = await desk.telegram.wait_for(lambda sent: "big.bin" in sent.text)
    assert "Nothing was done" in answer.text
    await desk.no_turn()


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        ("file", faults.CutConnection()),
        ("file", faults.BadGateway()),
        ("getFile", faults.too_many_requests(1)),
        ("getFile", faults.LoseAnswer()),
    ],
    ids=["cut download", "bad gateway", "flood control", "lost answer"],
)
async def test_a_file_arrives_through_an_outage(desk_with_ledger: Desk, method: str, fault: Fault) -> None:
    desk = desk_with_ledger
    desk.telegram.fail(method, fault)
    async with desk.running():
        await desk.owner.sends_document(CSV, "sales.csv")
        (attachment,) = (await desk.turn()).attachments
    assert await content_of(desk, attachment) == CSV


async def test_a_notice_comes_as_the_picture_with_the_text_and_then_the_report(
    desk_with_ledger: Desk,
) -> None:
    desk = desk_with_ledger
    chart = await stored(desk, "chart.png", png(), "image/png")
    report = await stored(desk, "Bericht für Ada.md", b"# Report", "text/markdown")
    assert await deliver(desk, "Task 1, “Analyse *sales*.csv”, is **done**.", chart, report) == 2

    picture, document = desk.telegram.sent
    assert (picture.method, document.method) == ("sendPhoto", "sendDocument")
    assert picture.text == "Task 1, “Analyse sales.csv”, is done."
    assert picture.styled("bold") == ["done"]
    assert picture.files[0].content == png()
    assert (document.files[0].name, document.files[0].content) == ("Bericht für Ada.md", b"# Report")


async def test_a_picture_that_telegram_will_not_show_comes_as_a_document(desk_with_ledger: Desk) -> None:
    desk = desk_with_ledger
    ribbon = png(2000, 10)
    assert await deliver(desk, "done", await stored(desk, "ribbon.png", ribbon, "image/png")) == 1
    (sent,) = desk.telegram.sent
    assert (sent.method, sent.text, sent.files[0].content) == ("sendDocument", "done", ribbon)


async def test_a_caption_that_cannot_be_parsed_comes_plain_under_the_picture(desk_with_ledger: Desk) -> None:
    desk = desk_with_ledger
    desk.telegram.fail("sendPhoto", faults.cannot_parse())
    await deliver(desk, "it is **done**", await stored(desk, "chart.png", png(), "image/png"))
    (sent,) = desk.telegram.sent
    assert (sent.method, sent.text, sent.entities) == ("sendPhoto", "it is done", ())


async def test_a_file_that_is_gone_or_empty_does_not_swallow_the_news(desk_with_ledger: Desk) -> None:
    desk = desk_with_ledger
    gone = Attachment(
        artifact_id="00000000-0000-0000-0000-000000000000",
        name="gone.png",
        media_type="image/png",
        size_bytes=9,
    )
    empty = await stored(desk, "empty.md", b"", "text/markdown")
    assert await deliver(desk, "Task 1 is done.", gone, empty) == 2
    first, second = desk.telegram.sent
    assert first.text == "Task 1 is done.\n\n“gone.png” is no longer in the ledger."
    assert "empty.md" in second.text


async def test_a_ledger_that_is_away_is_tried_again_later(desk: Desk) -> None:
    chart = Attachment(artifact_id="a", name="chart.png", media_type="image/png", size_bytes=9)
    with pytest.raises(RetryLater):
        await deliver(desk, "done", chart)
    assert desk.telegram.sent == []
