"""What each method of the Bot API does here, and the limits that the schema cannot say."""

import re
import time
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

from tests.botapi.entities import parse_html, units
from tests.botapi.files import FileStore
from tests.botapi.people import Group, Person, image_size
from tests.botapi.records import Call, Entity, Json, Refusal, Sent, SentFile
from tests.botapi.updates import UpdateQueue
from tests.botapi.webhook import Webhook

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
PHOTO_LIMIT_BYTES = 10 * 1024 * 1024
UPLOAD_LIMIT_BYTES = 50 * 1024 * 1024
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")
_servers = count(1)
_REACTIONS = ("👀", "👍", "👎")
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")

Method = Callable[[Call], Awaitable[tuple[Any, Sent]]]


class BotMethods:
    """The bot's account: its chats, files, updates, messages and command menu."""

    def __init__(self, bot: Json) -> None:
        self.bot = bot
        self.files = FileStore()
        self.updates = UpdateQueue()
        self.webhook = Webhook(self.updates)
        self.presses: dict[str, str | None] = {}
        """What the bot said to each press; None while it has said nothing."""
        self.reactions: dict[tuple[int, int], str] = {}
        # Apart from those of other servers, as over the life of one bot no id comes twice.
        self._message_ids = count(next(_servers) * 10_000 + 1)
        self.people: dict[int, Person] = {}
        self.groups: dict[int, Group] = {}
        self.menu: list[Json] = []
        self._messages: dict[tuple[int, int], Json] = {}

    async def run(self, call: Call) -> tuple[Any, Sent]:
        """Carry out a call; returns its result and what is remembered of it.

        Raises:
            Refusal: The API would refuse it.
        """
        methods: dict[str, Method] = {
            "getMe": self._get_me,
            "getUpdates": self._get_updates,
            "getFile": self._get_file,
            "getWebhookInfo": self._get_webhook_info,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "answerCallbackQuery": self._answer_callback_query,
            "setMyCommands": self._set_my_commands,
            "getMyCommands": self._get_my_commands,
            "sendMessage": self._send_message,
            "sendPhoto": self._send_photo,
            "sendDocument": self._send_document,
            "sendVoice": self._send_voice,
            "sendMediaGroup": self._send_media_group,
            "sendChatAction": self._send_chat_action,
            "editMessageText": self._edit_message_text,
            "editMessageCaption": self._edit_message_caption,
            "editMessageReplyMarkup": self._edit_message_reply_markup,
            "deleteMessage": self._delete_message,
            "setMessageReaction": self._set_message_reaction,
        }
        return await methods.get(call.method, self._just_true)(call)

    def next_message_id(self) -> int:
        """Ids of messages grow, over all chats."""
        return next(self._message_ids)

    # --- the account

    async def _just_true(self, call: Call) -> tuple[Any, Sent]:
        return True, _remembered(call)

    async def _get_me(self, call: Call) -> tuple[Any, Sent]:
        return self.bot, _remembered(call)

    async def _get_updates(self, call: Call) -> tuple[Any, Sent]:
        return await self.updates.poll(call.params), _remembered(call)

    async def _get_file(self, call: Call) -> tuple[Any, Sent]:
        return self.files.describe(call.params["file_id"]), _remembered(call)

    async def _get_webhook_info(self, call: Call) -> tuple[Any, Sent]:
        return self.webhook.info(), _remembered(call)

    async def _set_webhook(self, call: Call) -> tuple[Any, Sent]:
        url = call.params["url"]
        if url and not url.startswith(("https://", "http://127.0.0.1")):
            raise Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        if call.params.get("drop_pending_updates"):
            raise Refusal(400, "Bad Request: this server does not drop what people wrote")
        self.updates.allow(call.params.get("allowed_updates"))
        self.webhook.set(url, call.params.get("secret_token", ""))
        return True, _remembered(call)

    async def _delete_webhook(self, call: Call) -> tuple[Any, Sent]:
        if call.params.get("drop_pending_updates"):
            raise Refusal(400, "Bad Request: this server does not drop what people wrote")
        self.webhook.set("", "")
        return True, _remembered(call)

    async def _answer_callback_query(self, call: Call) -> tuple[Any, Sent]:
        query = call.params["callback_query_id"]
        text = call.params.get("text", "")
        if query not in self.presses:
            raise Refusal(
                400, "Bad Request: query is too old and response timeout expired or query ID is invalid"
            )
        if len(text) > 200:
            raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
        self.presses[query] = text
        return True, _remembered(call, text=text)

    async def _set_my_commands(self, call: Call) -> tuple[Any, Sent]:
        for command in call.params["commands"]:
            if not _COMMAND.fullmatch(command["command"]) or not 1 <= len(command["description"]) <= 256:
                raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
        self.menu = call.params["commands"]
        return True, _remembered(call)

    async def _get_my_commands(self, call: Call) -> tuple[Any, Sent]:
        return self.menu, _remembered(call)

    # --- messages

    async def _send_message(self, call: Call) -> tuple[Any, Sent]:
        chat = self._chat(call.params)
        text, entities = _read_text(call.params, "text", TEXT_LIMIT)
        if not text:
            raise Refusal(400, "Bad Request: message text is empty")
        message = self._message(chat, {"text": text, **_listed("entities", entities)}, call.params)
        return message, _remembered(call, message, text, entities)

    async def _send_photo(self, call: Call) -> tuple[Any, Sent]:
        chat = self._chat(call.params)
        text, entities = _read_text(call.params, "caption", CAPTION_LIMIT)
        upload = self._upload(call, call.params["photo"], "photo")
        content = {"photo": [self._photo(upload)], **_caption(text, entities)}
        message = self._message(chat, content, call.params)
        return message, _remembered(call, message, text, entities, (upload,))

    async def _send_document(self, call: Call) -> tuple[Any, Sent]:
        chat = self._chat(call.params)
        text, entities = _read_text(call.params, "caption", CAPTION_LIMIT)
        upload = self._upload(call, call.params["document"], "document")
        content = {"document": self._document(upload), **_caption(text, entities)}
        message = self._message(chat, content, call.params)
        return message, _remembered(call, message, text, entities, (upload,))

    async def _send_voice(self, call: Call) -> tuple[Any, Sent]:
        chat = self._chat(call.params)
        upload = self._upload(call, call.params["voice"], "voice")
        if not upload.content.startswith(b"OggS") or b"OpusHead" not in upload.content[:200]:
            raise Refusal(400, "Bad Request: a voice note is OGG with Opus inside")
        file = self.files.add(upload.content, f"voice/{upload.name}")
        content = {"voice": {**file, "duration": 1, "mime_type": "audio/ogg"}}
        message = self._message(chat, content, call.params)
        return message, _remembered(call, message, "", (), (upload,))

    async def _send_media_group(self, call: Call) -> tuple[Any, Sent]:
        chat, media = self._chat(call.params), call.params["media"]
        if not 2 <= len(media) <= 10:
            raise Refusal(400, "Bad Request: group must include 2-10 items")
        messages, uploads, captions = [], [], []
        for item in media:
            text, entities = _read_text(item, "caption", CAPTION_LIMIT)
            upload = self._upload(call, item["media"], item["type"])
            kind = (
                {"photo": [self._photo(upload)]}
                if item["type"] == "photo"
                else {"document": self._document(upload)}
            )
            content = {**kind, **_caption(text, entities), "media_group_id": "sent-by-the-bot"}
            messages.append(self._message(chat, content, call.params))
            uploads.append(upload)
            captions.append(text)
        text = "\n".join(filter(None, captions))
        return messages, _remembered(call, messages[0], text, (), tuple(uploads))

    async def _send_chat_action(self, call: Call) -> tuple[Any, Sent]:
        self._chat(call.params)
        return True, _remembered(call)

    async def _edit_message_text(self, call: Call) -> tuple[Any, Sent]:
        return await self._edit(call, "text", "entities", TEXT_LIMIT)

    async def _edit_message_caption(self, call: Call) -> tuple[Any, Sent]:
        return await self._edit(call, "caption", "caption_entities", CAPTION_LIMIT)

    async def _edit(self, call: Call, name: str, entities_name: str, limit: int) -> tuple[Any, Sent]:
        message = self._own_message(call.params)
        if name == "text" and "text" not in message:
            raise Refusal(400, "Bad Request: there is no text in the message to edit")
        text, entities = _read_text(call.params, name, limit)
        edited = {name: text, **_listed(entities_name, entities), **_buttons(call.params)}
        if all(message.get(key) == edited.get(key) for key in (name, entities_name, "reply_markup")):
            raise Refusal(
                400, "Bad Request: message is not modified: specified new message content is the same"
            )
        for key in (entities_name, "reply_markup"):
            message.pop(key, None)
        message |= {**edited, "edit_date": int(time.time())}
        return message, _remembered(call, message, text, entities)

    async def _edit_message_reply_markup(self, call: Call) -> tuple[Any, Sent]:
        message = self._own_message(call.params)
        markup = _buttons(call.params)
        if message.get("reply_markup") == markup.get("reply_markup"):
            raise Refusal(400, "Bad Request: message is not modified")
        message.pop("reply_markup", None)
        message |= markup
        return message, _remembered(call, message)

    async def _delete_message(self, call: Call) -> tuple[Any, Sent]:
        message = self._own_message(call.params)
        del self._messages[message["chat"]["id"], message["message_id"]]
        return True, _remembered(call)

    async def _set_message_reaction(self, call: Call) -> tuple[Any, Sent]:
        chat = self._chat(call.params)
        at = (chat["id"], call.params["message_id"])
        if at not in self._messages:
            raise Refusal(400, "Bad Request: message to react not found")
        for reaction in call.params.get("reaction", []):
            if reaction.get("emoji") not in _REACTIONS:
                raise Refusal(400, "Bad Request: REACTION_INVALID")
            self.reactions[at] = reaction["emoji"]
        return True, _remembered(call)

    # --- what they share

    def keep(self, message: Json) -> None:
        """Remember what a person sent."""
        self._messages[message["chat"]["id"], message["message_id"]] = message

    def message(self, chat_id: int, message_id: int) -> Json:
        """A message as it stands now."""
        return self._messages[chat_id, message_id]

    def _chat(self, params: Json) -> Json:
        person = self.people.get(params["chat_id"])
        if person is not None and person.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if person is not None and person.started:
            return person.chat()
        if group := self.groups.get(params["chat_id"]):
            if params.get("message_thread_id", 0) not in (0, *group.topics):
                raise Refusal(400, "Bad Request: message thread not found")
            return group.json()
        raise Refusal(400, "Bad Request: chat not found")

    def _message(self, chat: Json, content: Json, params: Json) -> Json:
        topic = params.get("message_thread_id")
        placed = {"message_thread_id": topic, "is_topic_message": True} if topic else {}
        message = {
            **placed,
            **_buttons(params),
            "message_id": self.next_message_id(),
            "from": self.bot,
            "chat": chat,
            "date": int(time.time()),
            **content,
        }
        self._messages[chat["id"], message["message_id"]] = message
        return message

    def _own_message(self, params: Json) -> Json:
        chat = self._chat(params)
        message = self._messages.get((chat["id"], params.get("message_id", 0)))
        if message is None:
            raise Refusal(400, "Bad Request: message to edit not found")
        if message["from"]["id"] != self.bot["id"]:
            raise Refusal(400, "Bad Request: message can't be edited")
        return message

    def _upload(self, call: Call, value: Any, field: str) -> SentFile:
        name = field if not isinstance(value, str) else value.removeprefix("attach://")
        if name in call.uploads:
            upload = call.uploads[name]
            if not upload.content:
                raise Refusal(400, "Bad Request: file must be non-empty")
            if len(upload.content) > UPLOAD_LIMIT_BYTES:
                raise Refusal(413, "Request Entity Too Large")
            return upload
        known = self.files.content_of(str(value))
        if known is None:
            raise Refusal(400, "Bad Request: wrong remote file identifier specified")
        return SentFile(part=field, name=known[0], media_type="", content=known[1])

    def _photo(self, upload: SentFile) -> Json:
        if not upload.content.startswith(_PICTURES):
            raise Refusal(400, "Bad Request: IMAGE_PROCESS_FAILED")
        if len(upload.content) > PHOTO_LIMIT_BYTES:
            raise Refusal(400, "Bad Request: file is too big for a photo")
        width, height = image_size(upload.content) or (640, 480)
        if width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise Refusal(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
        return {**self.files.add(upload.content, "photos/sent.jpg"), "width": width, "height": height}

    def _document(self, upload: SentFile) -> Json:
        stored = self.files.add(upload.content, f"documents/{upload.name}")
        return {**stored, "file_name": upload.name, "mime_type": upload.media_type}


def _read_text(params: Json, name: str, limit: int) -> tuple[str, tuple[Entity, ...]]:
    text: str = params.get(name, "")
    entities: tuple[Entity, ...] = ()
    mode = params.get("parse_mode")
    if mode == "HTML":
        text, entities = parse_html(text)
    elif mode is not None:
        raise Refusal(400, f"Bad Request: this server does not read {mode}")
    text = text.strip()
    if units(text) > limit:
        what = "message is too long" if name == "text" else "message caption is too long"
        raise Refusal(400, f"Bad Request: {what}")
    return text, entities


def _buttons(params: Json) -> Json:
    """The inline keyboard of a call, as its message carries it; other keyboards are the client's business."""
    markup = params.get("reply_markup") or {}
    rows = markup.get("inline_keyboard")
    if rows is None:
        return {}
    for button in (button for row in rows for button in row):
        if not button["text"]:
            raise Refusal(400, "Bad Request: inline keyboard button text is empty")
        if len(button.get("callback_data", "").encode()) > 64:
            raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
        if "localhost" in button.get("url", "") or "127.0.0.1" in button.get("url", ""):
            raise Refusal(400, f"Bad Request: inline keyboard button URL '{button['url']}' is invalid")
    return {"reply_markup": {"inline_keyboard": rows}} if any(rows) else {}


def _listed(name: str, entities: tuple[Entity, ...]) -> Json:
    return {name: [entity.json() for entity in entities]} if entities else {}


def _caption(text: str, entities: tuple[Entity, ...]) -> Json:
    return {"caption": text, **_listed("caption_entities", entities)} if text else {}


def _remembered(
    call: Call,
    message: Json | None = None,
    text: str = "",
    entities: tuple[Entity, ...] = (),
    files: tuple[SentFile, ...] = (),
) -> Sent:
    chat_id = call.params.get("chat_id")
    return Sent(
        method=call.method,
        params=call.params,
        chat_id=chat_id if isinstance(chat_id, int) else None,
        message_id=message["message_id"] if message else None,
        text=text,
        entities=entities,
        files=files,
        at=call.at,
    )
