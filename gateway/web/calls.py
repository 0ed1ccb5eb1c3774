"""A call from the browser: sound and words over one WebSocket. The protocol is in docs/phone.md.

Who is heard here has shown a key, as on every other route.
"""

from typing import Any, Protocol
from uuid import uuid4

import structlog
from litestar import Router, websocket
from litestar.params import FromPath

from gateway.session.names import session_id
from gateway.web.auth import SPEAK, verified
from gateway.web.callsocket import BrowserSocket, LitestarSocket, refuse
from gateway.web.callsounds import BrowserLine
from gateway.web.problems import problem_of
from voice.errors import VoiceError
from voice.port import Line

BUSY = "All lines are busy just now. Please try again in a few minutes."

log = structlog.get_logger(__name__)


class Desk(Protocol):
    """What holds calls; `gateway.main` brings it."""

    @property
    def lines(self) -> "Lines":
        """Whether there is a place for one more."""

    async def ready(self) -> None:
        """Until calls can be held.

        Raises:
            VoiceError: There is no speech on this machine; the message says what is missing.
        """

    async def hold_in_browser(self, line: Line, session: str, watcher: Any) -> str:
        """Hold a call until it is over; who ended it.

        Raises:
            VoiceError: There is no speech on this machine.
        """


class Lines(Protocol):
    def reserve(self, call_id: str) -> bool:
        """Keep a place for a call; False when there is none."""


def call_router(desk: Desk) -> Router:
    """For the gateway's server to mount."""

    @websocket("/sessions/{sid:str}/call", opt={"scopes": None})  # checked below: a refusal is an HTTP answer
    async def call(socket: LitestarSocket, sid: FromPath[str]) -> None:
        """Talk. Messages: see docs/phone.md."""
        try:
            await verified(socket, SPEAK)
            session = session_id(sid)
        except Exception as error:
            await refuse(socket, problem_of(error))
            return
        await socket.accept()
        await _held(desk, BrowserSocket(socket), session)

    return Router("/api/v1", route_handlers=[call])


async def _held(desk: Desk, socket: BrowserSocket, session: str) -> None:
    call_id = f"web-{uuid4().hex}"
    if not desk.lines.reserve(call_id):
        await socket.ended("busy", BUSY)
        return
    line = BrowserLine(socket, call_id)
    try:
        await desk.ready()
        await line.open()
        by = await desk.hold_in_browser(line, session, line)
    except VoiceError as error:
        log.warning("call.no_speech", call_id=call_id, reason=str(error))
        await socket.ended("unavailable", str(error))
    except Exception:
        log.exception("call.failed", call_id=call_id)
        await socket.ended("fault", "Something failed on my side, and the call is over.")
    else:
        await socket.ended(by, "")
