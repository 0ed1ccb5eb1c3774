"""Amazon's event stream encoding: https://smithy.io/2.0/aws/amazon-eventstream.html"""

import json
import struct
import zlib
from typing import Any

_STRING = 7


def event_frame(kind: str, payload: dict[str, Any]) -> bytes:
    """One event with its headers and both checksums."""
    pairs = ((":event-type", kind), (":content-type", "application/json"), (":message-type", "event"))
    headers = b"".join(_header(name, value) for name, value in pairs)
    body = json.dumps(payload).encode()
    prelude = struct.pack("!II", len(headers) + len(body) + 16, len(headers))
    message = prelude + struct.pack("!I", zlib.crc32(prelude)) + headers + body
    return message + struct.pack("!I", zlib.crc32(message))


def _header(name: str, value: str) -> bytes:
    return bytes([len(name)]) + name.encode() + struct.pack("!BH", _STRING, len(value)) + value.encode()
