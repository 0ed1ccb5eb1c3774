"""The channel: reads what people write to the bot, delivers what is for them. `opening` puts it together."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import structlog

from agentops.errors import AgentOpsError
from gateway.outbound import Outgoing, PartSent, RetryLater, Undeliverable
from gateway.session.serving import APOLOGY
from gateway.session.turns import CALL_ENDED
from gateway.telegram import cards, parts
from gateway.telegram.albums import Albums
from gateway.telegram.buttons import Inline
from gateway.telegram.drafts import Drafts
from gateway.telegram.errors import Refused, SlowDown, TelegramError, TokenRefused, Unreachable
from gateway.telegram.introducing import introduced, patiently
from gateway.telegram.metrics import Leaving
from gateway.telegram.parts import Part, TextPart
from gateway.telegram.places import MessageRef, Place, message_of
from gateway.telegram.polling import Poller
from gateway.telegram.presence import Presence
from gateway.telegram.receipts import ANSWERED, FAILED, Receipts
from gateway.telegram.sender import Sender
from gateway.telegram.showing import Showing
from gateway.telegram.taking import Taker
from gateway.telegram.updates import BotAccount, Incoming
from gateway.telegram.voicenotes import VoiceNotes
from gateway.telegram.webhook import Webhook

if TYPE_CHECKING:
    from gateway.telegram.client import TelegramApi

log = structlog.get_logger(__name__)

WEBHOOK_PATIENCE_S = 10.0
"""Telegram waits longer than this for an acknowledgement, and then sends the update again."""


class TelegramChannel:
    """One bot. Fills `outbound.Channel`."""

    name = "telegram"

    def __init__(
        self,
        api: "TelegramApi",
        *,
        taker: Taker,
        poller: Poller,
        albums: Albums,
        presence: Presence,
        drafts: Drafts,
        receipts: Receipts,
        sender: Sender,
        showing: Showing,
        notes: VoiceNotes,
        webhook: Webhook | None,
    ) -> None:
        self._api = api
        self._taker = taker
        self._poller = poller
        self._albums = albums
        self._presence = presence
        self._drafts = drafts
        self._receipts = receipts
        self._sender = sender
        self._showing = showing
        self._notes = notes
        self._webhook = webhook

    async def run(self) -> None:
        """Read messages until cancelled. An outage or a wrong token is logged and waited out."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._presence.run(), name="telegram typing")
            tasks.create_task(self._drafts.run(), name="telegram drafts")
            tasks.create_task(self._receipts.run(), name="telegram receipts")
            tasks.create_task(self._albums.run(), name="telegram albums")
            tasks.create_task(self._read(), name="telegram reading")

    async def _read(self) -> None:
        bot = await introduced(self._api)
        if self._webhook is None:
            await self._poller.run(bot)
        else:
            await self._be_called(bot, self._webhook)

    async def _be_called(self, bot: BotAccount, webhook: Webhook) -> None:
        async def receive(update: dict[str, Any], arrived_at: float) -> None:
            incoming = self._api.read(update, bot, arrived_at).incoming
            async with asyncio.timeout(WEBHOOK_PATIENCE_S * 2):
                if isinstance(incoming, Incoming) and incoming.album and incoming.addressed:
                    await self._albums.keep(incoming)
                elif incoming is not None:
                    await self._taker.take(incoming, within_s=WEBHOOK_PATIENCE_S)

        webhook.open(receive)
        try:
            waiting = await patiently(lambda: self._api.set_webhook(webhook.url, webhook.secret))
            log.info("telegram.webhook_set", bot=bot.username, waiting=waiting)
            await asyncio.Event().wait()
        finally:
            webhook.close()

    async def deliver(self, address: str, outgoing: Outgoing, sent: PartSent) -> None:
        """Send what is left of a message to the chat, or topic, with this address.

        Raises:
            RetryLater: Telegram or the ledger did not take or give the next part now.
            Undeliverable: The person blocked the bot, the chat is gone, or Telegram calls the part nonsense.
        """
        try:
            place = Place.at(address)
        except ValueError as error:
            raise Undeliverable(str(error)) from None
        leaving = Leaving(outgoing.ready_at)
        draft = shown = await self._answered(outgoing)
        planned = parts.plan(outgoing.text, outgoing.attachments)
        keyboard = await self._keyboard(outgoing) if planned else None
        last_words = max((at for at, part in enumerate(planned) if part.spans), default=-1)
        for position, part in list(enumerate(planned))[outgoing.parts_sent :]:
            under = keyboard if position == last_words else None
            if position == 0 and draft is not None and await self._replaced(draft, part, under, leaving):
                draft = None
            else:
                repeat = outgoing.possible_repeat and position == outgoing.parts_sent
                answers = self._answers(place, outgoing) if position == 0 else None
                with _translated():
                    await self._sender.send(
                        place,
                        part.marked() if repeat else part,
                        keyboard=under,
                        answers=answers,
                        silent=outgoing.silent,
                        leaving=leaving,
                    )
            await sent()
        # Behind the words, which are the answer: without the recording nothing is missing.
        if await self._notes.wanted(outgoing.turn_id):
            await self._say_aloud(place, outgoing)
        await self._settle(outgoing, draft)
        if outgoing.turn_id is not None and shown is not None:
            await self._drafts.settled(outgoing.turn_id)

    async def _say_aloud(self, place: Place, outgoing: Outgoing) -> None:
        recording = await self._notes.spoken(outgoing.text)
        if recording is None:
            return
        try:
            await self._api.send_voice(place, recording, silent=True)
        except TelegramError as error:  # people may forbid voice notes
            log.info("telegram.answer_not_spoken", reason=str(error))

    async def _answered(self, outgoing: Outgoing) -> MessageRef | None:
        """End what showed that an answer is coming; the draft of it, if one was shown."""
        if outgoing.turn_id is None:
            return None
        self._presence.end(outgoing.turn_id)
        return await self._drafts.finished(outgoing.turn_id)

    async def _keyboard(self, outgoing: Outgoing) -> Inline | None:
        if outgoing.kind == CALL_ENDED:
            created = dict.fromkeys(one.entity_id for one in outgoing.actions if one.type == "task.created")
            return await self._showing.receipt_if_known(list(created))
        tasks = list(dict.fromkeys(one.entity_id for one in outgoing.actions if one.type.startswith("task.")))
        task_id = outgoing.task_id or (tasks[0] if len(tasks) == 1 else None)
        if task_id is not None:
            return await self._showing.buttons_if_known(task_id)
        return cards.mentioned(outgoing.text)

    async def _replaced(
        self, draft: MessageRef, part: Part, keyboard: Inline | None, leaving: Leaving
    ) -> bool:
        """Put the answer in its draft's place; False if that is not possible (any more)."""
        if not isinstance(part, TextPart):
            return False
        with _translated():
            try:
                await self._sender.put_in_place(draft, part, keyboard, leaving)
            except Refused as refused:
                # The very same text is there already: an earlier try, whose answer was lost.
                return "not modified" in str(refused)
        return True

    @staticmethod
    def _answers(place: Place, outgoing: Outgoing) -> int | None:
        """Among many people it must show whose message is answered."""
        message = message_of(outgoing.turn_id) if outgoing.turn_id and not place.private else None
        return message.message_id if message else None

    async def _settle(self, outgoing: Outgoing, draft: MessageRef | None) -> None:
        """Everything is with the person; what is left is best effort."""
        if outgoing.turn_id is None:
            return
        if draft is not None:  # of an answer that came to nothing, or that had to be sent anew
            try:
                await self._api.delete(draft)
            except TelegramError as error:
                log.info("telegram.draft_left", reason=str(error))
        receipt = FAILED if outgoing.text == APOLOGY else ANSWERED
        self._receipts.show(message_of(outgoing.turn_id), receipt)


@contextmanager
def _translated() -> Iterator[None]:
    """Telegram's refusals, and the ledger's, as delivery understands them."""
    try:
        yield
    except SlowDown as error:
        raise RetryLater(error.after_s, str(error)) from None
    except Unreachable as error:
        raise RetryLater(reason=str(error), perhaps_sent=error.perhaps_done) from None
    except TokenRefused as error:
        raise RetryLater(reason=str(error)) from None
    except TelegramError as error:
        raise Undeliverable(str(error)) from None
    except AgentOpsError as error:
        raise RetryLater(error.retry_after_s, str(error)) from error
