"""Which network addresses a worker may speak to: public ones, and no others.

A name is resolved once, every address that it has must be public, and the connection goes to one of those:
a name that means something else a moment later gains nothing.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence

from brain.seed.errors import FetchRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

# Addresses that carry an IPv4 address inside; what they carry is what is reached.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


async def resolved(host: str, port: int) -> Sequence[str]:
    """All addresses of a host, by the system's resolver.

    Raises:
        FetchRefused: It has none.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchRefused(f"{host} cannot be found: {error}") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: Address) -> bool:
    """Whether this is an address of the internet, and not of this machine, its network or its cloud."""
    inner = _carried(address)
    if inner is not None:
        return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _carried(address: Address) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def pinned(host: str, addresses: Sequence[str], may: Callable[[Address], bool] = is_public) -> str:
    """The address to connect to.

    Raises:
        FetchRefused: There is none, or one of them is not public.
    """
    found = [ipaddress.ip_address(one.partition("%")[0]) for one in addresses]
    if not found:
        raise FetchRefused(f"{host} has no address.")
    if not all(may(one) for one in found):
        raise FetchRefused(f"{host} is not on the public internet; private addresses are not read.")
    # Where there is a choice, IPv4: a machine may have an IPv6 address and no way out by it.
    return str(min(found, key=lambda one: one.version))
