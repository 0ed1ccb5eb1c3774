"""Reading a message off a request: JSON, or a form with files, in bounded memory and with nothing stored."""

import mimetypes
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from gateway.errors import BadRequest, TooLarge
from gateway.web.body import Body
from gateway.web.forms import OVERHEAD_BYTES, Field, File, FormParts, read_form, too_much
from gateway.web.services import HttpRequest

MAX_CHARACTERS = 100_000
MAX_JSON_BYTES = 2_000_000
"""100,000 characters as JSON may escape them, and something to spare."""
_MAX_EXTERNAL_ID = 200
_ANYTHING = "application/octet-stream"


class NewMessage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The JSON form of a message."""

    text: str
    external_id: str | None = None
    """The sender's own id: sending it again with the same one says nothing twice."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came along, on disk until the request ends."""

    name: str
    media_type: str
    path: Path


@dataclass(frozen=True, slots=True)
class Message:
    """What was sent, checked."""

    text: str
    external_id: str | None
    files: tuple[Upload, ...] = ()


async def read_message(request: HttpRequest, folder: Path, *, max_upload_bytes: int) -> Message:
    """Read and check the body.

    Args:
        request: With a JSON body or a form.
        folder: Where files go; the caller's to remove.
        max_upload_bytes: All files together.

    Raises:
        BadRequest: It is empty, or not to be understood.
        TooLarge: Too much text, or too much in files.
    """
    kind, options = request.content_type
    body = Body(request)
    try:
        if kind == "multipart/form-data":
            _refuse_announced(request, max_upload_bytes)
            return _checked(_of_form(await read_form(body, options, folder, max_bytes=max_upload_bytes)))
        if kind in ("application/json", ""):
            return _checked(await _of_json(body))
    except TooLarge:
        await body.drain()
        raise
    raise BadRequest("unsupported_media_type", "send application/json or multipart/form-data")


def _refuse_announced(request: HttpRequest, max_bytes: int) -> None:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > max_bytes + OVERHEAD_BYTES:
        raise TooLarge(too_much(max_bytes))


async def _of_json(body: Body) -> Message:
    received = bytearray()
    async for chunk in body:
        received += chunk
        if len(received) > MAX_JSON_BYTES:
            raise TooLarge(_TOO_LONG)
    try:
        sent = msgspec.json.decode(bytes(received), type=NewMessage)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest("validation_failed", f"the body is not a message: {error}") from None
    return Message(text=sent.text, external_id=sent.external_id)


def _of_form(parts: FormParts) -> Message:
    known = {"text", "external_id"}
    unknown = [field.name for field in parts.fields if field.name not in known]
    if unknown:
        raise BadRequest(
            "validation_failed", f"unknown field {unknown[0]!r}; there are text, external_id, files"
        )
    return Message(
        text=_last(parts.fields, "text") or "",
        external_id=_last(parts.fields, "external_id"),
        files=tuple(_upload(file) for file in parts.files),
    )


def _last(fields: tuple[Field, ...], name: str) -> str | None:
    return next((field.value for field in reversed(fields) if field.name == name), None)


def _upload(file: File) -> Upload:
    name = file.name.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(character for character in name if character.isprintable()).strip()[-200:] or "file"
    # Browsers take the type from the machine's registry: a CSV is an Excel sheet on many.
    media_type = mimetypes.guess_type(name)[0] or file.media_type or _ANYTHING
    return Upload(name=name, media_type=media_type, path=file.path)


_TOO_LONG = f"a message may have {MAX_CHARACTERS:,} characters; attach the text as a file instead"


def _checked(message: Message) -> Message:
    if not message.text.strip() and not message.files:
        raise BadRequest("empty_message", "the message is empty: write something or attach a file")
    if len(message.text) > MAX_CHARACTERS:
        raise TooLarge(_TOO_LONG)
    if "\x00" in message.text:
        raise BadRequest("validation_failed", "the text holds a NUL character; attach binary data as a file")
    external = message.external_id
    if external is not None and not (0 < len(external) <= _MAX_EXTERNAL_ID and external.isprintable()):
        raise BadRequest(
            "validation_failed", f"external_id: 1 to {_MAX_EXTERNAL_ID} printable characters, or leave it out"
        )
    return message


async def temporary_folder() -> AsyncIterator[Path]:
    """A folder for one request's files."""
    with tempfile.TemporaryDirectory(prefix="cos-upload-") as folder:
        yield Path(folder)
