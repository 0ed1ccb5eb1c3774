"""What the channel itself says, as opposed to the chief."""

from gateway.telegram.commands import COMMANDS
from gateway.telegram.updates import DOWNLOAD_LIMIT_MB

START = """\
Hello. I am your **Chief of Staff**: tell me what you need in plain words, and I see that it gets done.

Attach a file and write what should happen to it, for example “analyse this file, high priority”. \
I answer here, and I write to you when the work is finished.

/help shows what else there is."""

EMPTY = "There was nothing in that message that I can read. Write me what you need, or attach a file."


def help_text() -> str:
    """What there is, one command a line."""
    lines = [f"/{command.name} · {command.description}" for command in COMMANDS]
    return "\n".join(
        [
            "Write to me as you would to a person, or attach a file and say what should happen to it.",
            "",
            *lines,
            "",
            f"Files may have up to {DOWNLOAD_LIMIT_MB} MB here.",
        ]
    )


def unknown(name: str) -> str:
    """One line for a command that is not there."""
    names = " ".join(f"/{command.name}" for command in COMMANDS)
    return f"I have no command /{name}. There are {names}, and plain words always work."


def needs_words(name: str, example: str) -> str:
    """For a command with nothing behind it."""
    return f"Write behind /{name} what it is about, for example:\n{example}"


def whoami(user_id: int, session_id: str) -> str:
    """For somebody who may talk to the bot."""
    return f"Your Telegram id is `{user_id}`. We are in the session `{session_id}`."


def denied(user_id: int) -> str:
    """For somebody who may not."""
    return (
        f"I work for somebody else and may not talk to you. Your Telegram id is `{user_id}`. "
        "If I am yours, add it to `TELEGRAM_ALLOWED_USERS` in my settings and start me again."
    )


def unheard(text: str) -> str:
    """For a message that could not be taken after all tries."""
    which = f"this message: “{text[:60]}…”" if len(text) > 60 else f"this message: “{text}”"
    return f"Something here is out of order, and I could not take {which if text else 'your file'}. \
Please send it again."


def unreadable(what: str) -> str:
    """For a kind of message that is neither words nor a file."""
    return f"I cannot read {what} here yet. Please write it, or send it as a file."


def too_big(name: str, size_bytes: int | None) -> str:
    """For a file above what Telegram lets a bot fetch."""
    size = "" if size_bytes is None else f" has {size_bytes / 2**20:.1f} MB and"
    return (
        f"“{name}”{size} is too big for this channel: Telegram lets me fetch at most {DOWNLOAD_LIMIT_MB} MB. "
        "Nothing was done. Attach it in the web chat, or send a smaller one."
    )


def refused_file(name: str, reason: str) -> str:
    """For a file that the ledger did not take."""
    return f"I could not take “{name}”: {reason} Nothing was done."
