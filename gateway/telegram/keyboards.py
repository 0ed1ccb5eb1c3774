"""Keyboards and the manner of a message, as aiogram's types."""

from aiogram.types import (
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)

from gateway.telegram.buttons import AskAnswer, AskNumber, Inline, Keyboard, Manner


def answering(manner: Manner) -> ReplyParameters | None:
    """To which message this one is an answer; it is sent even if that one is gone."""
    if manner.answers is None:
        return None
    return ReplyParameters(message_id=manner.answers, allow_sending_without_reply=True)


def markup(
    keyboard: Keyboard | None,
) -> InlineKeyboardMarkup | ForceReply | ReplyKeyboardMarkup | ReplyKeyboardRemove | None:
    """What stands under a message."""
    match keyboard:
        case None:
            return None
        case Inline():
            return inline(keyboard)
        case AskAnswer(placeholder):
            return ForceReply(force_reply=True, selective=True, input_field_placeholder=placeholder[:64])
        case AskNumber(label):
            button = KeyboardButton(text=label, request_contact=True)
            return ReplyKeyboardMarkup(keyboard=[[button]], resize_keyboard=True, one_time_keyboard=True)
    return ReplyKeyboardRemove(remove_keyboard=True)


def inline(keyboard: Inline) -> InlineKeyboardMarkup:
    """Rows of buttons that stay with their message."""
    rows = [
        [
            InlineKeyboardButton(
                text=button.label,
                callback_data=button.choice.data() if button.choice else None,
                url=button.url,
            )
            for button in row
        ]
        for row in keyboard.rows
    ]
    return InlineKeyboardMarkup(inline_keyboard=rows)
