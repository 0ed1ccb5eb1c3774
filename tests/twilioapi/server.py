"""The server: HTTP in, telephone calls out."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Self

from aiohttp import BasicAuth, web

from ops.phone_calls import Instructions, Network
from tests.ports import free_port
from tests.twilioapi import numbers
from tests.twilioapi.behaviour import Callee, Takes
from tests.twilioapi.calls import OVER, PlacedCall, RefusedError, changed, checked
from tests.twilioapi.numbers import OwnNumber

_ROOT = "/2010-04-01/Accounts/{account}"
Handler = Callable[[web.Request, dict[str, str]], Awaitable[web.Response]]


class TwilioServer:
    """One account. `async with TwilioServer(sid, token, "+1415…") as twilio`."""

    def __init__(self, account_sid: str, token: str, *own: str) -> None:
        self._account_sid = account_sid
        self._token = token
        self._port = free_port()
        self._ringing: set[asyncio.Task[None]] = set()
        self.own = {number: OwnNumber(number) for number in own}
        self.callees: defaultdict[str, Callee] = defaultdict(Callee)
        self.calls: dict[str, PlacedCall] = {}
        self.network: Network | None = None
        """Where webhooks go; without one, calls that are placed never ring."""
        self.base = f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes(
            [
                web.post(f"{_ROOT}/Calls.json", self._guarded(self._place)),
                web.get(f"{_ROOT}/Calls/{{sid}}.json", self._guarded(self._read)),
                web.post(f"{_ROOT}/Calls/{{sid}}.json", self._guarded(self._change)),
                web.get(f"{_ROOT}/AvailablePhoneNumbers/{{country}}/Local.json", self._guarded(self._offer)),
                web.get(f"{_ROOT}/IncomingPhoneNumbers.json", self._guarded(self._list)),
                web.post(f"{_ROOT}/IncomingPhoneNumbers.json", self._guarded(self._buy)),
                web.post(f"{_ROOT}/IncomingPhoneNumbers/{{sid}}.json", self._guarded(self._configure)),
            ]
        )
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._ringing:
            task.cancel()
        await asyncio.gather(*self._ringing, return_exceptions=True)
        await self._runner.cleanup()

    def _guarded(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def guarded(request: web.Request) -> web.Response:
            try:
                self._authenticate(request)
                form = {name: str(value) for name, value in (await request.post()).items()}
                return await handler(request, form)
            except RefusedError as refused:
                return web.json_response(refused.body(), status=refused.status)

        return guarded

    def _authenticate(self, request: web.Request) -> None:
        shown = request.headers.get("Authorization", "")
        given = BasicAuth.decode(shown) if shown.startswith("Basic ") else None
        if given is None or (given.login, given.password) != (self._account_sid, self._token):
            raise RefusedError(401, 20003, "Authenticate")
        if request.match_info["account"] != self._account_sid:
            raise RefusedError(404, 20404, "The requested resource was not found")

    async def _place(self, request: web.Request, form: dict[str, str]) -> web.Response:
        events = tuple(str(one) for one in (await request.post()).getall("StatusCallbackEvent", []))
        checked(form, events, frozenset(self.own))
        call = PlacedCall(form, self._account_sid, events)
        self.calls[call.sid] = call
        task = asyncio.create_task(self._ring(call))
        self._ringing.add(task)
        task.add_done_callback(self._ringing.discard)
        return web.json_response(call.body(), status=201)

    async def _read(self, request: web.Request, form: dict[str, str]) -> web.Response:
        return web.json_response(self._call(request).body())

    async def _change(self, request: web.Request, form: dict[str, str]) -> web.Response:
        call = self._call(request)
        changed(call, form)
        return web.json_response(call.body())

    def _call(self, request: web.Request) -> PlacedCall:
        call = self.calls.get(request.match_info["sid"])
        if call is None:
            raise RefusedError(404, 20404, "The requested resource was not found")
        return call

    async def _offer(self, request: web.Request, form: dict[str, str]) -> web.Response:
        found = numbers.offered(request.match_info["country"])
        return web.json_response({"available_phone_numbers": found, "uri": str(request.rel_url)})

    async def _list(self, request: web.Request, form: dict[str, str]) -> web.Response:
        wanted = request.query.get("PhoneNumber", "")
        found = [one.body() for one in self.own.values() if wanted in ("", one.number)]
        page = {"page": 0, "page_size": 50, "uri": str(request.rel_url), "next_page_uri": None}
        return web.json_response({"incoming_phone_numbers": found, **page})

    async def _buy(self, request: web.Request, form: dict[str, str]) -> web.Response:
        number = numbers.bought(form, self.own)
        self.own[number.number] = number
        return web.json_response(number.body(), status=201)

    async def _configure(self, request: web.Request, form: dict[str, str]) -> web.Response:
        sid = request.match_info["sid"]
        number = next((one for one in self.own.values() if one.sid == sid), None)
        if number is None:
            raise RefusedError(404, 20404, "The requested resource was not found")
        return web.json_response(numbers.configured(number, form).body())

    # --- the telephone network

    async def _ring(self, call: PlacedCall) -> None:
        if self.network is None:
            return
        callee = self.callees[call.asked["To"]]
        takes = callee.next()
        await self._status(call, "ringing", event="ringing")
        if takes in (Takes.BUSY, Takes.NOBODY):
            await self._status(call, takes.value, event="completed")
            return
        await self._taken(call, callee, takes)
        await self._status(call, "completed", event="completed")

    async def _taken(self, call: PlacedCall, callee: Callee, takes: Takes) -> None:
        network = self.network
        assert network is not None
        await self._status(call, "in-progress", event="answered")
        answered = await self._post(call, "Url", {})
        told = Instructions.of(answered)
        callee.told.append(told)
        if not told.stream_url:
            return
        async with network.connected(told, call.sid) as far:
            if "AsyncAmdStatusCallback" in call.asked:
                await self._post(call, "AsyncAmdStatusCallback", {"AnsweredBy": takes.value})
            await callee.lines.put(far)
            await self._until_over(call, far.closed)
        if not (far.hung_up or call.twiml or call.status in OVER):
            told = Instructions.of(await self._asked(call, told.then, {}))
            callee.told.append(told)
        for twiml in call.twiml:
            callee.told.append(Instructions.of(twiml))

    @staticmethod
    async def _until_over(call: PlacedCall, closed: asyncio.Event) -> None:
        """TwiML that comes meanwhile takes the call away from its stream."""
        while not (closed.is_set() or call.twiml or call.status in OVER):  # noqa: ASYNC110
            await asyncio.sleep(0.02)

    async def _status(self, call: PlacedCall, status: str, *, event: str) -> None:
        call.status = status if call.status not in OVER else call.status
        if "StatusCallback" in call.asked and event in call.events:
            await self._post(call, "StatusCallback", {"CallbackSource": "call-progress-events"})

    async def _post(self, call: PlacedCall, where: str, fields: Mapping[str, str]) -> str:
        return await self._asked(call, call.asked[where], fields)

    async def _asked(self, call: PlacedCall, url: str, fields: Mapping[str, str]) -> str:
        assert self.network is not None
        assert url.startswith(self.network.public_url), url
        body: dict[str, Any] = {
            "CallSid": call.sid,
            "From": call.asked["From"],
            "To": call.asked["To"],
            "CallStatus": call.status,
            "Direction": "outbound-api",
            **fields,
        }
        answer = await self.network.post(url.removeprefix(self.network.public_url), body)
        answer.raise_for_status()
        return answer.text
