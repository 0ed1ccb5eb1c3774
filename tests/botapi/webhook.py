"""Updates sent to the bot, as Telegram sends them: one at a time for each chat, again until it takes them."""

import asyncio
from dataclasses import dataclass, field

import aiohttp

from tests.botapi.records import Json
from tests.botapi.updates import UpdateQueue

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
AGAIN_AFTER_S = 0.1
TIMEOUT_S = 5.0


@dataclass
class Webhook:
    """Where the bot wants its updates, and how it took them."""

    queue: UpdateQueue
    url: str = ""
    secret: str = ""
    answers: list[int] = field(default_factory=list)
    """The status of every answer, oldest first; 0 for none at all."""
    last_error: str = ""
    task: "asyncio.Task[None] | None" = None

    def set(self, url: str, secret: str) -> None:
        """Begin to send there."""
        self.url, self.secret = url, secret
        self.queue.webhook_set = bool(url)
        if self.task is None and url:
            self.task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop sending."""
        self.set("", "")
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait([self.task])
            self.task = None

    def info(self) -> Json:
        """As WebhookInfo."""
        error = {"last_error_date": 1, "last_error_message": self.last_error} if self.last_error else {}
        return {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": self.queue.unconfirmed,
            **error,
        }

    async def _run(self) -> None:
        busy: dict[int, asyncio.Task[None]] = {}
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        async with aiohttp.ClientSession(timeout=timeout) as http, asyncio.TaskGroup() as sending:
            while True:
                for update in self.queue.pending if self.url else []:
                    chat = _chat_of(update)
                    if chat not in busy or busy[chat].done():
                        busy[chat] = sending.create_task(self._send(http, update))
                waiting = {task for task in busy.values() if not task.done()}
                news = sending.create_task(self.queue.change())
                await asyncio.wait({news, *waiting}, return_when=asyncio.FIRST_COMPLETED, timeout=0.2)
                news.cancel()

    async def _send(self, http: aiohttp.ClientSession, update: Json) -> None:
        headers = {SECRET_HEADER: self.secret} if self.secret else {}
        self.queue.handed([update])
        try:
            async with http.post(self.url, json=update, headers=headers) as response:
                status = response.status
        except (aiohttp.ClientError, TimeoutError) as error:
            status = 0
            self.last_error = str(error) or "timeout"
        self.answers.append(status)
        if status == 200:
            self.queue.confirm(update["update_id"])
            return
        if status:
            self.last_error = f"Wrong response from the webhook: {status}"
        await asyncio.sleep(AGAIN_AFTER_S)


def _chat_of(update: Json) -> int:
    content = next(value for key, value in update.items() if key != "update_id")
    chat: int = (content.get("chat") or content.get("message", {}).get("chat") or content["from"])["id"]
    return chat
