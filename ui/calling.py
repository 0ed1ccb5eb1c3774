"""`/call`: the sound of a call on its way between the browser and the gateway.

A browser cannot send a key with a WebSocket, and may reach no other host; so the panel passes messages on,
unread, with the key of the person's login. What they mean is in docs/phone.md.
"""

import asyncio
import logging
from urllib.parse import quote

import structlog
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from ui import strings
from ui.errors import NotSignedIn
from ui.gateway_client import is_loopback
from ui.rights import Rights

log = structlog.get_logger(__name__)
# At debug, websockets writes every header of the handshake, and so the key.
_silent = logging.getLogger(f"{__name__}.wire")
_silent.setLevel(logging.WARNING)

MAX_MESSAGE_BYTES = 2**16
OPEN_S = 10.0
CLOSE_S = 2.0
PATH = "/call"


class CallRoutes:
    """Passes calls on.

    Args:
        rights: whose key goes along.
        gateway_url: where the gateway listens.
        session_id: the conversation that is called.
    """

    def __init__(self, rights: Rights, gateway_url: str, session_id: str) -> None:
        self._rights = rights
        self._gateway_url = gateway_url
        self._url = (
            f"{gateway_url.replace('http', 'ws', 1)}/api/v1/sessions/{quote(session_id, safe='')}/call"
        )

    def routes(self) -> tuple[BaseRoute, ...]:
        """What to mount."""
        return (WebSocketRoute(PATH, self.call),)

    async def call(self, browser: WebSocket) -> None:
        """One call, until either side ends it."""
        await browser.accept()
        try:
            gateway = await self._connected(browser.state.session.id)
        except NotSignedIn:
            await _refuse(browser, strings.SIGNED_OUT_ELSEWHERE)
            return
        except (OSError, TimeoutError, InvalidHandshake) as error:
            log.warning("call.refused", reason=type(error).__name__)
            await _refuse(browser, strings.CALL_UNAVAILABLE)
            return
        async with gateway:
            await _pump(browser, gateway)

    async def _connected(self, session_id: str) -> ClientConnection:
        key = self._rights.key(session_id)
        return await connect(
            self._url,
            additional_headers={"Authorization": f"Bearer {key}"},
            open_timeout=OPEN_S,
            close_timeout=CLOSE_S,
            max_size=MAX_MESSAGE_BYTES,
            compression=None,
            proxy=None if is_loopback(self._gateway_url) else True,
            logger=_silent,
        )


async def _pump(browser: WebSocket, gateway: ClientConnection) -> None:
    """Pass messages both ways until one side has ended."""
    ways = {
        asyncio.create_task(_upwards(browser, gateway)),
        asyncio.create_task(_downwards(browser, gateway)),
    }
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _upwards(browser: WebSocket, gateway: ClientConnection) -> None:
    try:
        while True:
            message = await browser.receive()
            if message["type"] == "websocket.disconnect":
                return
            await gateway.send(message.get("bytes") or message.get("text") or "")
    except (ConnectionClosed, WebSocketDisconnect):
        return


async def _downwards(browser: WebSocket, gateway: ClientConnection) -> None:
    try:
        async for message in gateway:
            if isinstance(message, bytes):
                await browser.send_bytes(message)
            else:
                await browser.send_text(message)
        await browser.close(1000)
    except (ConnectionClosed, WebSocketDisconnect, RuntimeError):
        return


async def _refuse(browser: WebSocket, why: str) -> None:
    await browser.send_json({"type": "ended", "reason": "unavailable", "text": why})
    await browser.close(1013)
