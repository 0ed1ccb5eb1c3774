"""What goes into a request: the address, the key, paths, headers and bodies, checked."""

import ipaddress
import uuid
from urllib.parse import quote

import httpx
import msgspec

from agentops import errors, wire


def address(url: str) -> str:
    """The ledger's address without a trailing slash, `/api/v1` or credentials.

    Raises:
        ValueError: It is no http or https address.
    """
    parsed = httpx.URL(url)
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ValueError("The ledger's url must look like http://127.0.0.1:8700")
    return str(parsed.copy_with(userinfo=b"", query=None, fragment=None)).rstrip("/").removesuffix("/api/v1")


def checked_key(api_key: str) -> str:
    """The key, trimmed (keys come from files, with a line end).

    Raises:
        ValueError: It holds what no key holds; the message does not repeat it.
    """
    key = api_key.strip()
    if not key or not key.isascii() or not key.isprintable():
        raise ValueError("The api_key is empty or holds characters that no key has")
    return key


def is_loopback(url: str) -> bool:
    """Whether this address is on this very machine, where no proxy of the environment may step in."""
    host = httpx.URL(url).host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def path_of(*segments: str) -> str:
    """A path of quoted segments: `path_of("tasks", id, "claim")`.

    Raises:
        ValidationFailed: A segment is empty or would climb the path, so that another endpoint answered.
    """
    for segment in segments:
        if not segment or segment in (".", ".."):
            raise errors.ValidationFailed(f"{segment!r} is not an id")
    return "/" + "/".join(quote(segment, safe="", errors="replace") for segment in segments)


def idempotency(key: str | None) -> dict[str, str]:
    """The header by which the ledger knows a repeated write; a new key unless the caller has one."""
    return {"Idempotency-Key": header_value("idempotency_key", key) if key else uuid.uuid4().hex}


def header_value(name: str, value: str) -> str:
    """`value`, if it can travel in a header.

    Raises:
        ValidationFailed: It cannot.
    """
    if not value.isascii() or not value.isprintable():
        raise errors.ValidationFailed(f"{name} may hold printable ASCII characters only")
    return value


def encoded(body: wire.Request) -> bytes:
    """The body as JSON.

    Raises:
        ValidationFailed: It holds something that JSON cannot.
    """
    try:
        return msgspec.json.encode(body)
    except (TypeError, ValueError) as error:
        raise errors.ValidationFailed(f"The request cannot be written as JSON: {error}") from error
