"""What the channel itself says, as opposed to the chief."""

from collections.abc import Sequence

from agentops.wire import Attention, Budget, BudgetPeriod, BudgetScope, BudgetState, BudgetUnit, Preferences
from gateway.telegram.commands import COMMANDS, MOST_TASKS
from gateway.telegram.updates import DOWNLOAD_LIMIT_MB

START = """\
Hello. I am your **Chief of Staff**: tell me what you need in plain words, and I see that it gets done.

Attach a file and write what should happen to it, for example “analyse this file, high priority”. \
I answer here, and I write to you when the work is finished.

/help shows what else there is."""

EMPTY = "There was nothing in that message that I can read. Write me what you need, or attach a file."

WELCOME = f"You are let in. {START}"
STRANGER = "I work for somebody else and may not talk to you yet. Please try again later."
CROWDED = (
    "I work for somebody else, and others are waiting to be let in already. Please try again in an hour."
)
NOT_YOURS = "That is not yours to decide here; ask the owner."
OWNER_ONLY = "Only my owner may do that."
IN_PRIVATE = "Not in front of others, please: write me that in our private chat."
OLD_BUTTON = "I do not know this button any more. /tasks shows where things stand."
LEDGER_AWAY = "I cannot reach my ledger right now, so nothing was changed. Please try again in a moment."
NOTHING_TO_APPROVE = "Nothing waits for your yes, and nobody asks to be let in."
NUMBER_OF_ANOTHER = (
    "That is somebody else's number, or a card without an account, so I did not link it. "
    "Please use the button that /phone shows."
)
NUMBER_TAKEN = "That number is linked to somebody else already, so I did not link it to you."
SHARE_NUMBER = "Press the button below, and Telegram tells me your own number. I use it for calls only."
QUIET_HELP = "Write it like this: `/quiet 22:00-07:00`, or `/quiet off`."
VOICE_HELP = "Write `/voice on` or `/voice off`."
NO_BUDGETS = "There are no limits on what is spent. Tell me one, for example: “set a budget of 5 a day”."
ANSWER_IN_WORDS = "Please reply to my question with words."
UNKNOWN_TO_LEDGER = "My ledger does not know you yet, so I cannot keep that. Please try again in a moment."

EVENT_GROUPS = {
    "done": ("Work that is done", "task.completed"),
    "failed": ("Work that failed", "task.failed"),
    "blocked": ("Questions and approvals", "task.blocked"),
    "late": ("Work that is late", "task.overdue"),
    "agents": ("Workers that vanish", "agent.offline"),
    "budget": ("Budget warnings", "budget.*"),
}
"""By the name that /notify uses: what it is, and its events."""

_ATTENTION = {
    Attention.RING: "rings",
    Attention.SILENT: "comes silently",
    Attention.DIGEST: "waits for the digest",
    Attention.OFF: "is not told",
}


def transcript(words: str) -> str:
    """What was understood of a voice note, for its author to see."""
    return f"🎙 I heard: “{words}”"


def help_text() -> str:
    """What there is, one command a line."""
    lines = [f"/{command.name} · {command.description}" for command in COMMANDS]
    hint = "Write to me as you would to a person, or attach a file and say what should happen to it."
    limits = (
        f"Several tasks at once: /task and one on each line, up to {MOST_TASKS}. "
        f"Files may have up to {DOWNLOAD_LIMIT_MB} MB here."
    )
    return "\n".join([hint, "", *lines, "", limits])


def unknown(name: str) -> str:
    """One line for a command that is not there."""
    names = " ".join(f"/{command.name}" for command in COMMANDS)
    return f"I have no command /{name}. There are {names}, and plain words always work."


def needs_words(name: str, example: str) -> str:
    """For a command with nothing behind it."""
    return f"Write behind /{name} what it is about, for example:\n{example}"


def too_many_tasks(count: int) -> str:
    """For a /task with too many lines."""
    return f"Those are {count} tasks; I take up to {MOST_TASKS} in one message. Nothing was created."


def whoami(user_id: int, session_id: str, name: str, role: str) -> str:
    """For somebody who may talk to the bot."""
    return f"You are {name}, {role}. Your Telegram id is `{user_id}`. We are in the session `{session_id}`."


def pairing(code: str, user_id: int) -> str:
    """For a stranger, who may be the owner before anybody knows them."""
    return (
        f"I work for somebody else. Your pairing code is `{code}`, good for an hour: give it to them, "
        f"and they can let you in. Your Telegram id is {user_id}."
    )


def somebody_asks(name: str, address: str, code: str) -> str:
    """For the owner."""
    who = f"“{name}”" if name else "Somebody"
    return f"{who} (Telegram id {address}) asks to talk to me. Their code is {code}: /approve {code}"


def no_pairing(detail: str) -> str:
    """For a code that is not good (any more)."""
    return f"I let nobody in: {detail}"


def panel_link(url: str, minutes: int) -> str:
    """For who may look into everything."""
    return f"This link logs you in once, within {minutes} minutes. Do not pass it on:\n{url}"


def quiet(preferences: Preferences, zone: str) -> str:
    """When nothing rings."""
    if preferences.quiet_from is None:
        return f"There are no quiet hours. {QUIET_HELP}"
    hours = f"{preferences.quiet_from} to {preferences.quiet_to} ({zone})"
    return f"From {hours} nothing rings. `/quiet off` ends that."


def notify(preferences: Preferences) -> str:
    """What is told, and how."""
    lines = [
        f"• {what}: {_ATTENTION[preferences.attention_to(pattern.replace('*', 'warning'))]}"
        for what, pattern in EVENT_GROUPS.values()
    ]
    groups, ways = ", ".join(EVENT_GROUPS), ", ".join(way.value for way in Attention)
    return "\n".join(["What you hear of:", *lines, "", f"Change it by `/notify done off`: {groups}; {ways}."])


def voice(*, on: bool) -> str:
    """How voice notes are answered."""
    how = "in words and aloud" if on else "in words"
    return f"I answer your voice notes {how}. {VOICE_HELP}"


_PERIOD = {BudgetPeriod.DAY: "today", BudgetPeriod.MONTH: "this month", BudgetPeriod.TOTAL: "in all"}
_STATE = {BudgetState.OK: "", BudgetState.WARNING: ", nearly used up", BudgetState.EXHAUSTED: ", **used up**"}


def budgets(known: Sequence[Budget]) -> str:
    """What was spent of each limit."""
    if not known:
        return NO_BUDGETS
    lines = [
        f"• {one.name or _whose(one)}: {_amount(one.spent, one.unit)} of {_amount(one.limit, one.unit)} "
        f"{_PERIOD[one.period]}{_STATE[one.state]}"
        for one in known
    ]
    return "\n".join(["What was spent:", *lines])


def _whose(budget: Budget) -> str:
    return "Everything" if budget.scope is BudgetScope.ALL else f"{budget.scope.value} {budget.scope_id}"


def _amount(amount: int, unit: BudgetUnit) -> str:
    match unit:
        case BudgetUnit.MONEY:
            return f"{amount / 1_000_000:,.2f}"
        case BudgetUnit.CALL_SECONDS:
            return f"{amount / 60:,.0f} min of calls"
    return f"{amount:,} tokens"


def unheard(text: str) -> str:
    """For a message that could not be taken after all tries."""
    which = f"this message: “{text[:60]}…”" if len(text) > 60 else f"this message: “{text}”"
    return f"Something here is out of order, and I could not take {which if text else 'your file'}. \
Please send it again."


def unreadable(what: str) -> str:
    """For a kind of message that is neither words nor a file."""
    return f"I cannot read {what} here yet. Please write it, or send it as a file."


def command_edited(text: str) -> str:
    """For a command that was changed after it was sent."""
    line = text.split("\n", 1)[0]
    return f"I had taken “{line[:60]}” as it was first written, and an edit does not change that. \
Send it anew, or use the buttons."


def correction(text: str) -> str:
    """A message that was changed after it was sent, as the chief hears it."""
    return f"Correction of my earlier message: {text}"


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
