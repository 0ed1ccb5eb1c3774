"""The server itself: HTTP in, checks, faults, records."""

import asyncio
from collections.abc import Callable
from typing import Any, Self

from aiohttp import BodyPartReader, hdrs, web

from tests.botapi.faults import Answer, BadGateway, CutConnection, Fault, Hang, LoseAnswer, Refuse
from tests.botapi.methods import UPLOAD_LIMIT_BYTES, BotMethods
from tests.botapi.people import Group, Person
from tests.botapi.records import Call, Json, Refusal, Sent, SentFile
from tests.botapi.schema import is_method, params_fault, read_field, result_fault
from tests.botapi.webhook import Webhook

TEST_TOKEN = "4242:only-for-tests"
SAYING = {
    "sendMessage",
    "sendPhoto",
    "sendDocument",
    "sendVoice",
    "sendMediaGroup",
    "editMessageText",
    "editMessageCaption",
}
"""The methods by which a bot says something to people."""


class BotApiServer:
    """A Bot API server on a free port of the loopback, for one bot.

    Usage::

        async with BotApiServer() as telegram:
            ada = telegram.person("Ada")
            await ada.says("hello")
            answer = await telegram.wait_for(lambda sent: sent.chat_id == ada.id)

    Leaving it raises AssertionError if a request or an answer did not fit the schema; a test that provokes
    that empties `violations` first.
    """

    def __init__(self, token: str = TEST_TOKEN) -> None:
        self.token = token
        self.calls: list[Sent] = []
        """Every call that was carried out, polls included, oldest first."""
        self.violations: list[str] = []
        bot_id = int(token.partition(":")[0])
        self.account = BotMethods(
            {"id": bot_id, "is_bot": True, "first_name": "Chief of Staff", "username": "chief_test_bot"}
        )
        self._faults: dict[str, list[Fault]] = {}
        self._changed = asyncio.Condition()
        self._runner: web.AppRunner | None = None
        self.base_url = ""
        """For `TELEGRAM_API_BASE`, without a slash at the end."""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=UPLOAD_LIMIT_BYTES + 2**20)
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.base_url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, error_type: type[BaseException] | None, *_: object) -> None:
        await self.account.webhook.close()
        if self._runner is not None:
            await self._runner.cleanup()
        if error_type is None and self.violations:
            raise AssertionError("calls broke the Bot API's schema:\n" + "\n".join(self.violations))

    # --- what a test does

    def person(self, first_name: str = "Ada", user_id: int | None = None) -> Person:
        """Somebody new in Telegram."""
        user_id = user_id or 1000 + len(self.account.people)
        person = Person(self.account, user_id, first_name)
        self.account.people[user_id] = person
        return person

    def group(self, title: str = "Team", topics: tuple[int, ...] = ()) -> Group:
        """A group that the bot is a member of; a forum when it has topics."""
        group = Group(-1_001_000_000_000 - len(self.account.groups), title, topics)
        self.account.groups[group.id] = group
        return group

    def fail(self, method: str, fault: Fault, *, times: int = 1) -> None:
        """Let the next calls of a method go wrong; `file` stands for downloads."""
        self._faults.setdefault(method, []).extend([fault] * times)

    @property
    def sent(self) -> list[Sent]:
        """What the bot sent to people, edits included, oldest first."""
        return [call for call in self.calls if call.method in SAYING]

    @property
    def menu(self) -> list[str]:
        """The names of the bot's commands as people see them."""
        return [command["command"] for command in self.account.menu]

    @property
    def unconfirmed(self) -> int:
        """Updates that the bot has not confirmed by an offset yet."""
        return self.account.updates.unconfirmed

    def to(self, chat: Person | Group) -> list[Sent]:
        """What the bot sent to one chat."""
        return [sent for sent in self.sent if sent.chat_id == chat.id]

    async def wait_for(self, predicate: Callable[[Sent], bool], *, timeout_s: float = 30) -> Sent:
        """The first message sent, by now or later, that the predicate accepts.

        Raises:
            AssertionError: None came in time; it says what did.
        """
        return await self._first(lambda: self.sent, predicate, timeout_s)

    async def wait_for_call(self, method: str, *, timeout_s: float = 30) -> Sent:
        """As `wait_for`, over every call: `sendChatAction`, `getUpdates`…"""
        return await self._first(lambda: self.calls, lambda call: call.method == method, timeout_s)

    async def told(self, press: str, *, timeout_s: float = 30) -> str:
        """What the bot said to a press, once it has."""
        called = lambda call: call.params.get("callback_query_id") == press  # noqa: E731
        return (await self._first(lambda: self.calls, called, timeout_s)).text

    def buttons(self, sent: Sent) -> list[str]:
        """What the buttons under a message read now, row by row."""
        assert sent.chat_id is not None
        assert sent.message_id is not None
        message = self.account.message(sent.chat_id, sent.message_id)
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        return [button["text"] for row in rows for button in row]

    def now(self, sent: Sent) -> str:
        """A message's words as they stand now."""
        assert sent.chat_id is not None
        assert sent.message_id is not None
        message = self.account.message(sent.chat_id, sent.message_id)
        return str(message.get("text") or message.get("caption") or "")

    @property
    def webhook(self) -> Webhook:
        """Where the bot has its updates sent."""
        return self.account.webhook

    async def _first(
        self, among: Callable[[], list[Sent]], predicate: Callable[[Sent], bool], timeout_s: float
    ) -> Sent:
        def found() -> list[Sent]:
            return [sent for sent in among() if predicate(sent)]

        try:
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(found)
        except TimeoutError:
            seen = [(sent.method, sent.chat_id, sent.text) for sent in self.sent]
            raise AssertionError(f"nothing of the kind within {timeout_s} s; sent were {seen}") from None
        return found()[0]

    # --- what a bot meets

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            self._check_token(request)
            call = await self._read(request, method)
            return await self._carry_out(request, call)
        except Refusal as refusal:
            return web.json_response(refusal.body(), status=refusal.code)

    async def _carry_out(self, request: web.Request, call: Call) -> web.StreamResponse:
        fault = self._next_fault(call.method)
        if stopped := await self._spoil(request, fault):
            return stopped
        result, sent = await self.account.run(call)
        if wrong := result_fault(call.method, result):
            self.violations.append(f"answer to {call.method}: {wrong}")
            raise Refusal(500, "Internal Server Error: this server's answer breaks the schema")
        async with self._changed:
            self.calls.append(sent)
            self._changed.notify_all()
        if isinstance(fault, LoseAnswer):
            return _cut(request)
        return web.json_response({"ok": True, "result": result})

    async def _spoil(self, request: web.Request, fault: Fault | None) -> web.StreamResponse | None:
        match fault:
            case Refuse():
                raise fault.refusal()
            case BadGateway(status):
                page = "<html><body><h1>Bad Gateway</h1></body></html>"
                return web.Response(status=status, text=page, content_type="text/html")
            case CutConnection():
                return _cut(request)
            case Answer(result):
                return web.json_response({"ok": True, "result": result})
            case Hang(seconds):
                await asyncio.sleep(seconds)
        return None

    async def _read(self, request: web.Request, method: str) -> Call:
        came_at = asyncio.get_running_loop().time()
        if not is_method(method):
            self.violations.append(f"{method}: no such method in tests/botapi/schema.json")
            raise Refusal(404, "Not Found: method not found")
        fields, uploads = await _read_body(request)
        params = {name: read_field(method, name, value) for name, value in fields.items()}
        described = {
            upload.part: {"size": len(upload.content), "type": upload.media_type}
            for upload in uploads.values()
            if f"attach://{upload.part}" not in str(params)
        }
        if wrong := params_fault(method, {**params, **described}):
            self.violations.append(f"{method}: {wrong}")
            raise Refusal(400, f"Bad Request: {wrong}")
        return Call(method=method, params={**params, **described}, uploads=uploads, at=came_at)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        try:
            self._check_token(request)
            if stopped := await self._spoil(request, self._next_fault("file")):
                return stopped
        except Refusal as refusal:
            return web.json_response(refusal.body(), status=refusal.code)
        content = self.account.files.content(request.match_info["path"])
        if content is None:
            return web.json_response(Refusal(404, "Not Found").body(), status=404)
        return web.Response(body=content, content_type="application/octet-stream")

    def _check_token(self, request: web.Request) -> None:
        token = request.match_info["token"]
        if ":" not in token:
            raise Refusal(404, "Not Found")
        if token != self.token:
            raise Refusal(401, "Unauthorized")

    def _next_fault(self, method: str) -> Fault | None:
        waiting = self._faults.get(method)
        return waiting.pop(0) if waiting else None


async def _read_body(request: web.Request) -> tuple[Json, dict[str, SentFile]]:
    fields: dict[str, Any] = dict(request.query)
    uploads: dict[str, SentFile] = {}
    if request.content_type == "application/json":
        fields |= await request.json()
    elif request.content_type == "multipart/form-data":
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            name, content = str(part.name), bytes(await part.read())
            if part.filename is None:
                fields[name] = content.decode()
            else:
                media_type = part.headers.get(hdrs.CONTENT_TYPE, "application/octet-stream")
                uploads[name] = SentFile(
                    part=name, name=part.filename, media_type=media_type, content=content
                )
    elif request.can_read_body:
        fields |= {name: str(value) for name, value in (await request.post()).items()}
    return fields, uploads


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
