"""Where in Telegram somebody speaks: a chat, or a topic of one. And the names made from that."""

import re
from dataclasses import dataclass
from typing import Self

from gateway.session.turns import SessionId, TurnId

_ADDRESS = re.compile(r"(-?\d{1,19})(?:/(\d{1,19}))?")
_TURN = re.compile(r"telegram\.\d+\.(-?\d+)\.(\d+)(?:\..+)?")


@dataclass(frozen=True, slots=True)
class Place:
    """A chat, or a topic in it."""

    chat_id: int
    """Of a person when positive, of a group when negative."""
    topic_id: int | None = None

    @property
    def private(self) -> bool:
        """Whether nobody else listens."""
        return self.chat_id > 0

    @property
    def address(self) -> str:
        """As turns and deliveries name it."""
        return str(self.chat_id) if self.topic_id is None else f"{self.chat_id}/{self.topic_id}"

    @classmethod
    def at(cls, address: str) -> Self:
        """The place with this address.

        Raises:
            ValueError: It is none of Telegram's.
        """
        match = _ADDRESS.fullmatch(address)
        if match is None:
            raise ValueError("the address is not the id of a Telegram chat")
        return cls(int(match[1]), int(match[2]) if match[2] else None)


@dataclass(frozen=True, slots=True)
class MessageRef:
    """One message of a chat."""

    chat_id: int
    message_id: int


def turn_id(bot_id: int, message: MessageRef, which: str = "") -> TurnId:
    """The turn that a message becomes; the same one whenever and wherever it is read.

    Args:
        bot_id: Message ids of private chats begin anew with every bot.
        message: That was sent.
        which: Of several turns that one message makes.
    """
    name = f"telegram.{bot_id}.{message.chat_id}.{message.message_id}"
    return TurnId(f"{name}.{which}" if which else name)


def message_of(turn_id: str) -> MessageRef | None:
    """The message that a turn came from; None for a turn of another channel."""
    match = _TURN.fullmatch(turn_id)
    return MessageRef(int(match[1]), int(match[2])) if match else None


def group_session(place: Place) -> SessionId:
    """The session of a group, or of one of its topics."""
    return topic_session(SessionId(f"telegram-group{place.chat_id}"), place)


def topic_session(whole: SessionId, place: Place) -> SessionId:
    """A topic is a conversation of its own; what is outside of topics belongs to the whole."""
    return whole if place.topic_id is None else SessionId(f"{whole}-topic-{place.topic_id}")
