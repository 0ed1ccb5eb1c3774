"""What all calls share."""

from collections.abc import Sequence
from typing import TypeVar

from agentops.transport import Params, Transport
from agentops.wire import Page

Item = TypeVar("Item")


class Calls:
    """A group of calls over one transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def _all(self, path: str, page: type[Page[Item]], params: Params | None = None) -> list[Item]:
        """Every item of a paged list."""
        items: list[Item] = []
        cursor: str | None = None
        while True:
            got = await self._transport.get(path, page, params={**(params or {}), "cursor": cursor})
            items += got.items
            if got.next is None:
                return items
            cursor = got.next


def commas(values: Sequence[str]) -> str | None:
    """How the API takes several values in one parameter; None when there are none."""
    return ",".join(values) or None
