"""The door for media streams: only those of calls that were let in, each once."""

import asyncio

import structlog
from litestar import Router, websocket
from litestar.handlers import WebsocketRouteHandler

from gateway.phone import frames
from gateway.phone.desk import Desk
from gateway.phone.errors import Forged
from gateway.phone.line import HangUp, MediaLine
from gateway.phone.metrics import REFUSED
from gateway.phone.parties import Party
from gateway.phone.signatures import HEADER, Signatures
from gateway.phone.socket import Closed, LitestarSocket, Socket, refuse
from gateway.phone.tickets import Tickets
from voice.errors import VoiceError

START_WITHIN_S = 5.0
_REFUSED = 1008
_MEDIA = frames.Format(encoding="audio/x-mulaw", sample_rate=8_000, channels=1)

log = structlog.get_logger(__name__)


class Streams:
    """Takes media streams in."""

    def __init__(
        self,
        signatures: Signatures,
        tickets: Tickets,
        desk: Desk,
        *,
        account_sid: str,
        hang_up: HangUp,
        start_within_s: float = START_WITHIN_S,
    ) -> None:
        self._signatures = signatures
        self._tickets = tickets
        self._desk = desk
        self._account_sid = account_sid
        self._hang_up = hang_up
        self._start_within_s = start_within_s

    async def take(self, asked: LitestarSocket) -> None:
        """One stream, from its handshake to the end of its call."""
        client = asked.client.host if asked.client else None
        try:
            self._signatures.upgrade(asked.scope["path"], asked.headers.get(HEADER, ""))
        except Forged as error:
            _log_refusal(client, error)
            await refuse(asked, 403)
            return
        await asked.accept()
        socket = Socket(asked)
        try:
            begin, party = await self._begun(socket)
        except (Forged, Closed, TimeoutError) as error:
            _log_refusal(client, error)
            await socket.close(_REFUSED, "this stream belongs to no call that was let in")
            return
        over = self._tickets.over
        await self._held(MediaLine(socket, begin, over=over, hang_up=self._hang_up, leg=party.leg), party)

    async def _held(self, line: MediaLine, party: Party) -> None:
        try:
            await self._desk.hold(line, party)
        except VoiceError as error:
            log.error("call.no_speech", call_id=line.call_id, reason=str(error))  # noqa: TRY400 - told in words
        except Exception:
            log.exception("call.failed", call_id=line.call_id)
        finally:
            await line.hang_up()

    async def _begun(self, socket: Socket) -> tuple[frames.Begin, Party]:
        """What the stream says of itself at its start, and whose it is.

        Raises:
            Forged: It is not of a call that was let in.
            Closed: It went away.
            TimeoutError: It says nothing.
        """
        async with asyncio.timeout(self._start_within_s):
            message = frames.read(await socket.text())
            if isinstance(message, frames.Connected):
                message = frames.read(await socket.text())
        if not isinstance(message, frames.Start):
            raise Forged("it did not begin with start")
        begin = message.start
        if begin.account_sid != self._account_sid or begin.media_format != _MEDIA:
            raise Forged("another account's, or sound that was not asked for")
        return begin, await self._tickets.redeem(begin.call_sid, begin.custom_parameters.get("token", ""))

    def router(self, path: str) -> Router:
        """For the gateway's server to mount."""

        @websocket(path, opt={"scopes": None})
        async def stream(socket: LitestarSocket) -> None:
            await self.take(socket)

        handler: WebsocketRouteHandler = stream
        return Router("/", route_handlers=[handler])


def _log_refusal(client: str | None, error: Exception) -> None:
    reason = str(error) or "it did not begin in time"
    log.warning("call.stream_refused", client=client, reason=reason)
    REFUSED.labels("stream").inc()
