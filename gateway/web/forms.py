"""Forms with files: parsed as they come in, files straight to disk."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser

from gateway.errors import BadRequest, TooLarge
from gateway.web.body import Body

MAX_PARTS = 30
MAX_FIELD_BYTES = 1_000_000
OVERHEAD_BYTES = 1_000_000
"""What a form may have beside its files: fields, boundaries, headers."""
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,80}/[\w.+-]{1,80}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class File:
    name: str
    """As the browser gave it."""
    media_type: str | None
    path: Path


@dataclass(frozen=True, slots=True)
class FormParts:
    fields: tuple[Field, ...]
    files: tuple[File, ...]


async def read_form(body: Body, options: Mapping[str, str], folder: Path, *, max_bytes: int) -> FormParts:
    """Read a form's body to its end; its files are in `folder` then.

    Raises:
        BadRequest: Not a form, or cut off.
        TooLarge: More than `max_bytes` in files.
    """
    reader = _Reader(folder, max_bytes)
    try:
        with PushMultipartParser(
            options.get("boundary", ""), max_segment_count=MAX_PARTS, max_header_size=8_192
        ) as parser:
            async for chunk in body:
                if not parser.closed:
                    # Off the event loop: this writes to disk.
                    await asyncio.to_thread(reader.feed, parser, chunk)
    except ParserLimitReached:
        raise TooLarge(f"a message may have {MAX_PARTS} parts; send the files in several messages") from None
    except (MultipartError, UnicodeDecodeError) as error:
        raise BadRequest("validation_failed", f"the form cannot be read: {error}") from None
    finally:
        reader.close()
    return FormParts(fields=tuple(reader.fields), files=tuple(reader.files))


def too_much(max_bytes: int) -> str:
    """What somebody is told who sends more."""
    return (
        f"the files of a message may have {max_bytes // 1_000_000:,} MB together; "
        "send fewer or smaller ones, or compress them"
    )


class _Reader:
    """Sorts the parser's events into fields and files."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.fields: list[Field] = []
        self.files: list[File] = []
        self._folder = folder
        self._max_bytes = max_bytes
        self._taken_bytes = 0
        self._segment: MultipartSegment | None = None
        self._value = bytearray()
        self._file: IO[bytes] | None = None

    def feed(self, parser: PushMultipartParser, chunk: bytes) -> None:
        for event in parser.parse(chunk):
            if isinstance(event, MultipartSegment):
                self._begin(event)
            elif event:
                self._add(event)
            else:
                self._end()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _begin(self, segment: MultipartSegment) -> None:
        self._segment = segment
        self._value = bytearray()
        self._file = None
        if segment.filename is not None:
            path = self._folder / str(len(self.files))
            given = segment.content_type
            media_type = given if given and _MEDIA_TYPE.fullmatch(given) else None
            self.files.append(File(name=segment.filename, media_type=media_type, path=path))
            self._file = path.open("wb")

    def _add(self, data: bytes | bytearray) -> None:
        if self._file is None:
            self._value += data
            if len(self._value) > MAX_FIELD_BYTES:
                raise TooLarge("a field of the form is too long; attach long text as a file instead")
            return
        self._taken_bytes += len(data)
        if self._taken_bytes > self._max_bytes:
            raise TooLarge(too_much(self._max_bytes))
        self._file.write(data)

    def _end(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        elif self._segment is not None:
            self.fields.append(Field(name=self._segment.name or "", value=self._value.decode()))
