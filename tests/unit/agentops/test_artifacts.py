"""Files, streamed both ways over a connection that breaks."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agentops.errors import StaleClaim, TooLarge, Unavailable, ValidationFailed
from agentops.uploads import CHUNK_BYTES
from agentops.wire import ArtifactId, TaskId
from tests.unit.agentops import records
from tests.unit.agentops.fixtures import client
from tests.unit.agentops.scripted_http import (
    Answer,
    Cut,
    CutAtHeaders,
    CutInAnswer,
    Step,
    problem,
    scripted,
)

CONTENT = bytes(range(256)) * (CHUNK_BYTES // 256) * 3 + b"end"
STORED = Answer(201, records.artifact())
FILE_ID = ArtifactId("a1")


async def pieces() -> AsyncIterator[bytes]:
    """Can be read once."""
    for start in range(0, len(CONTENT), 100_000):
        yield CONTENT[start : start + 100_000]


class Pieces:
    """Can be read again and again."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        return pieces()


async def test_bytes_a_file_and_a_stream_arrive_whole(tmp_path: Path) -> None:
    file = tmp_path / "sales.csv"
    file.write_bytes(CONTENT)
    async with scripted(STORED) as ledger, client(ledger.url) as ops:
        for content in (CONTENT, file, pieces(), Pieces()):
            await ops.upload("sales.csv", content, media_type="text/csv")
    assert [asked.body == CONTENT for asked in ledger.asked] == [True] * 4
    known = str(len(CONTENT))
    assert [asked.headers.get("content-length") for asked in ledger.asked] == [known, known, None, None]
    assert {asked.headers["content-type"] for asked in ledger.asked} == {"text/csv"}


async def test_an_empty_file_is_a_file() -> None:
    async with scripted(STORED) as ledger, client(ledger.url) as ops:
        await ops.upload("empty.txt", b"", media_type="text/plain")
    assert ledger.asked[0].headers["content-length"] == "0"


async def test_an_output_names_its_task_and_epoch() -> None:
    async with scripted(STORED) as ledger, client(ledger.url) as ops:
        await ops.upload(
            "ü&b.md", b"x", media_type="text/markdown", task_id=TaskId("t"), epoch=3, kind="output"
        )
    assert ledger.asked[0].target == "/api/v1/artifacts?name=%C3%BC%26b.md&task_id=t&epoch=3&kind=output"


@pytest.mark.parametrize("fault", [Cut(), CutAtHeaders(), problem(503, "unavailable")])
async def test_what_can_be_read_again_is_uploaded_again_under_the_same_key(
    fault: Step, tmp_path: Path
) -> None:
    file = tmp_path / "sales.csv"
    file.write_bytes(CONTENT)
    for content in (CONTENT, file, Pieces()):
        async with scripted(fault, STORED) as ledger, client(ledger.url) as ops:
            await ops.upload("sales.csv", content, media_type="text/csv")
        assert ledger.asked[-1].body == CONTENT
        assert len(set(ledger.keys)) == 1


@pytest.mark.parametrize("fault", [Cut(), problem(503, "unavailable")])
async def test_a_generator_is_not_uploaded_again(fault: Step) -> None:
    async with scripted(fault, STORED) as ledger, client(ledger.url) as ops:
        with pytest.raises(Unavailable):
            await ops.upload("sales.csv", pieces(), media_type="text/csv")
    assert len(ledger.asked) == 1


async def test_a_file_that_grows_is_uploaded_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "growing.log"
    file.write_bytes(b"first line\n")
    asked_size = file.stat().st_size

    async with scripted(Cut(), STORED) as ledger, client(ledger.url) as ops:

        def grow(asked: object) -> Step:
            with file.open("ab") as opened:
                opened.write(b"second line\n")
            return Cut() if len(ledger.asked) == 1 else STORED

        ledger.respond = grow
        await ops.upload("growing.log", file, media_type="text/plain")
    assert [len(asked.body) for asked in ledger.asked] == [asked_size, asked_size]


async def test_a_missing_file_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    async with scripted(STORED) as ledger, client(ledger.url) as ops:
        with pytest.raises(FileNotFoundError):
            await ops.upload("x", tmp_path / "missing", media_type="text/csv")
    assert ledger.asked == []


async def test_an_error_of_the_caller_s_stream_is_the_caller_s() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"first"
        raise RuntimeError("the source broke")

    async with scripted(STORED) as ledger, client(ledger.url) as ops:
        with pytest.raises(RuntimeError, match="the source broke"):
            await ops.upload("x", broken(), media_type="text/csv")


async def test_a_refused_upload_says_why() -> None:
    for answer, cls in ((problem(413, "too_large"), TooLarge), (problem(409, "stale_claim"), StaleClaim)):
        async with scripted(answer) as ledger, client(ledger.url) as ops:
            with pytest.raises(cls):
                await ops.upload("x", CONTENT, media_type="text/csv")
        assert len(ledger.asked) == 1


async def test_a_media_type_that_no_header_can_hold_is_refused() -> None:
    async with scripted(STORED) as ledger, client(ledger.url) as ops:
        with pytest.raises(ValidationFailed, match="media_type"):
            await ops.upload("x", b"", media_type="text/csv\r\nX: y")
    assert ledger.asked == []


async def test_a_download_cut_in_the_middle_is_begun_anew() -> None:
    async with (
        scripted(CutInAnswer(CONTENT[:1000]), Answer(200, CONTENT)) as ledger,
        client(ledger.url) as ops,
    ):
        assert await ops.download(FILE_ID) == CONTENT
    assert len(ledger.asked) == 2


async def test_a_download_stops_at_its_limit() -> None:
    async with scripted(Answer(200, CONTENT)) as ledger, client(ledger.url) as ops:
        with pytest.raises(TooLarge, match="more than 1000 bytes"):
            await ops.download(FILE_ID, max_bytes=1000)
        assert await ops.download(FILE_ID, max_bytes=len(CONTENT)) == CONTENT


async def test_a_file_is_read_piece_by_piece() -> None:
    async with (
        scripted(problem(503, "unavailable"), Answer(200, CONTENT)) as ledger,
        client(ledger.url) as ops,
        ops.stream(FILE_ID) as got,
    ):
        assert b"".join([piece async for piece in got]) == CONTENT


async def test_a_stream_cut_in_the_middle_says_so() -> None:
    async with (
        scripted(CutInAnswer(CONTENT[:1000])) as ledger,
        client(ledger.url) as ops,
        ops.stream(FILE_ID) as got,
    ):
        assert await anext(got) == CONTENT[:1000]
        with pytest.raises(Unavailable, match="did not answer"):
            await anext(got)


async def test_a_stream_left_early_gives_its_connection_back() -> None:
    async with scripted(Answer(200, CONTENT)) as ledger, client(ledger.url) as ops:
        for _ in range(150):
            async with ops.stream(FILE_ID) as got:
                async for _piece in got:
                    break
    assert len(ledger.asked) == 150
