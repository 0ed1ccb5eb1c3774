"""What Twilio tells us of calls: one comes in, one that we placed was taken, how each went.

https://www.twilio.com/docs/voice/twiml#request-parameters. Every request is signed, and each is taken once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from secrets import token_urlsafe
from typing import Any

import msgspec
import structlog
from litestar import Request, Response, Router, post
from litestar.datastructures import State

from agentops.errors import AgentOpsError
from gateway.phone import twiml, wording
from gateway.phone.callers import Callers
from gateway.phone.costs import Costs
from gateway.phone.errors import Forged, NumberUnreadable
from gateway.phone.line import name_of
from gateway.phone.lines import Lines
from gateway.phone.metrics import REFUSED
from gateway.phone.numbers import e164, shown
from gateway.phone.parties import Party, Trust
from gateway.phone.placed import Placed
from gateway.phone.settings import PhoneSettings, Strangers
from gateway.phone.signatures import HEADER, Signatures, socket_base
from gateway.phone.speech import Engines
from gateway.phone.tickets import Tickets
from gateway.phone.verdict import verdict_of
from gateway.session.turns import SessionId
from voice.errors import VoiceError

VOICE, TAKEN, AGAIN, STATUS, MACHINE, STREAM = (
    "/phone/voice", "/phone/taken", "/phone/again", "/phone/status", "/phone/machine", "/phone/stream"
)  # fmt: skip
LARGEST_BYTES = 64_000
SPEECH_WITHIN_S = 10.0
ANSWER_WITHIN_S = 12.0
"""Twilio waits fifteen seconds."""

log = structlog.get_logger(__name__)

HttpRequest = Request[Any, Any, State]
Fields = dict[str, str]


class Webhooks:
    """Answers Twilio."""

    def __init__(
        self,
        settings: PhoneSettings,
        signatures: Signatures,
        *,
        tickets: Tickets,
        callers: Callers,
        lines: Lines,
        placed: Placed,
        costs: Costs,
        engines: Engines,
        main: SessionId,
    ) -> None:
        self._settings = settings
        self._signatures = signatures
        self._tickets = tickets
        self._callers = callers
        self._lines = lines
        self._placed = placed
        self._costs = costs
        self._engines = engines
        self._main = main

    async def incoming(self, fields: Fields) -> str:
        """Somebody calls us: what Twilio shall do with them."""
        call_sid = fields["CallSid"]
        party = await self._callers.calling(
            _number(fields.get("From", "")), verdict_of(fields.get("StirVerstat", ""))
        )
        log.info("call.incoming", call_id=call_sid, number=shown(party.address), trust=party.trust)
        refusal = self._refusal(party)
        if refusal is not None:
            REFUSED.labels("stranger" if party.trust is Trust.STRANGER else "no_pin").inc()
            return twiml.told(refusal)
        return await self._let_in(call_sid, party)

    async def taken(self, fields: Fields) -> str:
        """A call that we placed was taken."""
        call_sid = fields["CallSid"]
        party = await self._placed.party(fields.get("ring", ""))
        if party is None:
            log.warning("call.not_ours", call_id=call_sid)
            return twiml.ended()
        if self._refusal(party) is not None:
            return twiml.told(wording.VOICEMAIL)
        return await self._let_in(call_sid, party)

    async def again(self, fields: Fields) -> str:
        """A call's stream is over and the caller is still there: it goes on if we did not end it."""
        party = await self._tickets.cut_off(fields["CallSid"])
        if party is None:
            return twiml.ended()
        log.warning("call.resumed", call_id=fields["CallSid"], leg=party.leg)
        return await self._let_in(fields["CallSid"], party)

    async def status(self, fields: Fields) -> None:
        """A call has come further."""
        log.info("call.status", call_id=fields["CallSid"], status=fields.get("CallStatus"))
        if ring_id := fields.get("ring"):
            await self._placed.tell(ring_id, "status", fields.get("CallStatus", ""))
        if fields.get("CallStatus") == "completed":
            await self._tickets.over(fields["CallSid"])
            await self._costs.owe(fields["CallSid"], self._main)

    async def machine(self, fields: Fields) -> None:
        """Whether a person or a machine took a call that we placed."""
        log.info("call.answered_by", call_id=fields["CallSid"], by=fields.get("AnsweredBy"))
        if ring_id := fields.get("ring"):
            await self._placed.tell(ring_id, "answered_by", fields.get("AnsweredBy", ""))

    def _refusal(self, party: Party) -> str | None:
        """Why somebody does not come through, in words for them."""
        if party.trust is Trust.STRANGER:
            return wording.NOT_KNOWN if self._settings.strangers is Strangers.REFUSE else None
        if party.trust is Trust.CLAIMED and self._settings.pin_hash is None:
            return wording.NO_PIN_YET
        return None

    async def _let_in(self, call_sid: str, party: Party) -> str:
        if not await self._can_speak(call_sid):
            return twiml.told(wording.NOT_NOW)
        if not self._lines.reserve(name_of(call_sid, party.leg)):
            return twiml.told(wording.CLOSING if self._lines.closing.is_set() else wording.ALL_BUSY)
        token = await self._tickets.issue(call_sid, party)
        base = self._settings.reached_at
        then = f"{base}{AGAIN}?leg={token_urlsafe(12)}"
        return twiml.connected(f"{socket_base(base)}{STREAM}", token, then=then)

    async def _can_speak(self, call_sid: str) -> bool:
        """Whether there are ears and a mouth for a call; just after the start, in a moment."""
        try:
            async with asyncio.timeout(SPEECH_WITHIN_S):
                await self._engines.ready()
        except (VoiceError, TimeoutError) as error:
            log.warning("call.no_speech", call_id=call_sid, reason=str(error) or "not loaded yet")
            REFUSED.labels("no_speech").inc()
            return False
        return True

    async def checked(self, request: HttpRequest, what: str) -> Fields:
        """The fields of a genuine request that comes for the first time.

        Raises:
            Forged: It is not Twilio's, or came before.
        """
        form = await request.form()
        fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        query = request.scope["query_string"].decode()
        path = request.url.path + (f"?{query}" if query else "")
        self._signatures.webhook(path, fields, request.headers.get(HEADER, ""))
        call_sid = fields.get("CallSid", "")
        if fields.get("AccountSid") != self._settings.account_sid or not call_sid:
            raise Forged("it is about no call of this account")
        once = what + fields.get("CallStatus", "") + request.query_params.get("leg", "")
        if not await self._tickets.first_time(call_sid, once):
            raise Forged("it came before")
        return fields | {"ring": request.query_params.get("ring", "")}

    def router(self) -> Router:
        """For the gateway's server to mount."""

        @post(VOICE, status_code=200, request_max_body_size=LARGEST_BYTES)
        async def voice(request: HttpRequest) -> Response[str]:
            """Somebody calls."""
            return _twiml(await self._answered(request, "voice", self.incoming))

        @post(TAKEN, status_code=200, request_max_body_size=LARGEST_BYTES)
        async def taken(request: HttpRequest) -> Response[str]:
            """Somebody took our call."""
            return _twiml(await self._answered(request, "taken", self.taken))

        @post(AGAIN, status_code=200, request_max_body_size=LARGEST_BYTES)
        async def again(request: HttpRequest) -> Response[str]:
            """The stream of a call is over."""
            return _twiml(await self._answered(request, "again", self.again))

        @post(STATUS, status_code=204, request_max_body_size=LARGEST_BYTES)
        async def status(request: HttpRequest) -> None:
            """A call has come further."""
            await self.status(await self.checked(request, "status"))

        @post(MACHINE, status_code=204, request_max_body_size=LARGEST_BYTES)
        async def machine(request: HttpRequest) -> None:
            """A person or a machine."""
            await self.machine(await self.checked(request, "machine"))

        return Router(
            "/",
            route_handlers=[voice, taken, again, status, machine],
            include_in_schema=False,
            exception_handlers={Forged: _forged},
        )

    async def _answered(
        self, request: HttpRequest, what: str, answer: Callable[[Fields], Awaitable[str]]
    ) -> str:
        fields: Fields = {}
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                fields = await self.checked(request, what)
                return await answer(fields)
        except (AgentOpsError, TimeoutError) as error:
            # Nobody can be recognised now; a caller hears that rather than Twilio's own error.
            reason = error.code if isinstance(error, AgentOpsError) else "the store does not answer"
            log.warning("call.not_taken", call_id=fields.get("CallSid"), reason=reason)
            return twiml.told(wording.NOT_NOW)


def _forged(request: HttpRequest, error: Forged) -> Response[Any]:
    client = request.client.host if request.client else None
    log.warning("phone.webhook_forged", path=request.url.path, client=client, reason=str(error))
    REFUSED.labels("forged").inc()
    return Response(msgspec.Raw(b"{}"), status_code=403)


def _twiml(body: str) -> Response[str]:
    return Response(body, media_type=twiml.MEDIA_TYPE)


def _number(text: str) -> str:
    """The caller's number; empty when it is withheld (`anonymous`) or is none."""
    try:
        return e164(text)
    except NumberUnreadable:
        return ""
