"""A stream of bytes under a passphrase: chunks of AES-256-GCM, in the STREAM construction.

Each chunk's nonce is a random prefix, its number, and whether it is the last: what is cut off, repeated,
reordered or changed does not open (Hoang, Reyhanitabar, Rogaway, Vizár: "Online Authenticated-Encryption
and its Nonce-Reuse Misuse-Resistance", 2015). The key comes from the passphrase by scrypt, with what it
takes in the file's header; the header is authenticated with every chunk.
"""

import asyncio
import os
import struct
from collections.abc import AsyncIterator

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import SecretStr

from ops.backup.files import Sink, Source
from ops.errors import BackupUnusable

MAGIC = b"COSBACK1"
CHUNK_BYTES = 1 << 20
TAG_BYTES = 16
SHORTEST_PASSPHRASE = 10
_HEADER_MAX_BYTES = 4096
_COST = 1 << 16
"""Scrypt's n: 64 MB and some tenths of a second for each guess."""
_MOST_COST = 1 << 20
_LENGTH = struct.Struct(">I")
_NONCE = struct.Struct(">7sI?")


class Header(msgspec.Struct, frozen=True):
    """What opening takes, beside the passphrase."""

    salt: bytes
    prefix: bytes
    n: int
    r: int = 8
    p: int = 1
    made: str = ""
    """When, as ISO 8601: readable without the passphrase."""


class Sealer:
    """Writes; what was written opens only when `close` was reached."""

    def __init__(self, file: Sink, passphrase: SecretStr, *, made: str = ""):
        """Writes the header.

        Args:
            file: Where to.
            passphrase: At least ten characters.
            made: When, as ISO 8601.

        Raises:
            BackupUnusable: the passphrase is too short.
        """
        if len(passphrase.get_secret_value()) < SHORTEST_PASSPHRASE:
            raise BackupUnusable(f"The passphrase needs at least {SHORTEST_PASSPHRASE} characters.")
        header = Header(os.urandom(16), os.urandom(7), _COST, made=made)
        encoded = msgspec.json.encode(header)
        self._about = MAGIC + _LENGTH.pack(len(encoded)) + encoded
        self._cipher = _cipher(header, passphrase)
        self._prefix = header.prefix
        self._file = file
        self._held = bytearray()
        self._number = 0
        file.write(self._about)
        self.size_bytes = len(self._about)
        """What was written so far."""

    async def write(self, content: bytes) -> None:
        """Take more; full chunks go to the file."""
        self._held += content
        # One chunk is held back: only the end tells which is the last.
        while len(self._held) > CHUNK_BYTES:
            chunk = bytes(self._held[:CHUNK_BYTES])
            del self._held[:CHUNK_BYTES]
            await asyncio.to_thread(self._seal, chunk, last=False)

    async def close(self) -> None:
        """Write the last chunk."""
        await asyncio.to_thread(self._seal, bytes(self._held), last=True)

    def _seal(self, chunk: bytes, *, last: bool) -> None:
        nonce = _NONCE.pack(self._prefix, self._number, last)
        sealed = self._cipher.encrypt(nonce, chunk, self._about)
        self._file.write(sealed)
        self.size_bytes += len(sealed)
        self._number += 1


class Opener:
    """Reads what a `Sealer` wrote. Nothing comes out of it that was not authenticated."""

    def __init__(self, file: Source, passphrase: SecretStr):
        """Reads the header.

        Args:
            file: Where from.
            passphrase: The one that it was written with.

        Raises:
            BackupUnusable: it is no backup.
        """
        self._file = file
        self._about, header = _read_header(file)
        self.made = header.made
        self._cipher = _cipher(header, passphrase)
        self._prefix = header.prefix

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Its content, chunk by chunk.

        Raises:
            BackupUnusable: the passphrase is wrong, or the file is damaged or not whole.
        """
        return self._chunks()

    async def _chunks(self) -> AsyncIterator[bytes]:
        number, sealed = 0, await self._next()
        while True:
            following = await self._next()
            yield await asyncio.to_thread(self._open, sealed, number, last=not following)
            if not following:
                return
            number, sealed = number + 1, following

    async def _next(self) -> bytes:
        return await asyncio.to_thread(self._file.read, CHUNK_BYTES + TAG_BYTES)

    def _open(self, sealed: bytes, number: int, *, last: bool) -> bytes:
        try:
            return self._cipher.decrypt(_NONCE.pack(self._prefix, number, last), sealed, self._about)
        except InvalidTag:
            if number == 0:
                raise BackupUnusable("The passphrase is wrong, or the file is damaged.") from None
            raise BackupUnusable(
                f"The file is damaged or not whole: its megabyte {number + 1} cannot be opened."
            ) from None


def _cipher(header: Header, passphrase: SecretStr) -> AESGCM:
    derive = Scrypt(salt=header.salt, length=32, n=header.n, r=header.r, p=header.p)
    return AESGCM(derive.derive(passphrase.get_secret_value().encode()))


def _read_header(file: Source) -> tuple[bytes, Header]:
    start = file.read(len(MAGIC) + _LENGTH.size)
    if start[: len(MAGIC)] != MAGIC or len(start) < len(MAGIC) + _LENGTH.size:
        raise BackupUnusable("This is no backup of a Chief of Staff.")
    (size,) = _LENGTH.unpack(start[len(MAGIC) :])
    encoded = file.read(min(size, _HEADER_MAX_BYTES))
    try:
        header = msgspec.json.decode(encoded, type=Header)
    except msgspec.MsgspecError as error:
        raise BackupUnusable("The beginning of the backup is damaged.") from error
    if not (2 <= header.n <= _MOST_COST and header.r == 8 and header.p == 1 and len(header.prefix) == 7):
        raise BackupUnusable("The beginning of the backup is damaged.")
    return start + encoded, header
