"""A small picture."""

import struct
import zlib


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int) -> bytes:
    line = b"\x00" + bytes((70, 110, 160)) * width
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(line * height)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


PNG = _png(480, 240)
