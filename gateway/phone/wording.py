"""What the telephone says of its own accord. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from agentops.wire import Gate, Task
from gateway.phone.parties import Party

ALL_BUSY = "All lines are busy just now. Please call again in a few minutes. Goodbye."
CLOSING = "I am being restarted just now. Please call again in a minute. Goodbye."
NOT_NOW = "I cannot take calls at this moment. Please call again in a few minutes. Goodbye."
NOT_KNOWN = "Hello. I do not know this number, so I cannot help you here. Goodbye."
NO_PIN_YET = (
    "Hello. I know this number, but no PIN has been set, so I cannot be sure that it is you. "
    "Run cos phone pin on your machine, and call again. Goodbye."
)
SPENT = "The budget for calls is used up, so I cannot talk now. Write to me instead. Goodbye."
LEAVE_MESSAGE = (
    "Hello. I do not know this number, but you may leave a message. "
    "Tell me who you are and what it is about, and hang up when you have finished."
)
MESSAGE_NOTED = "Thank you. Anything else? If not, just hang up."
MESSAGE_FULL = "Thank you, that is as much as I can note down. Goodbye."
ASK_PIN = "Please type your PIN, and then the hash key."
ASK_PIN_AGAIN = "That was not right. Please type your PIN again."
PIN_FIRST = "I need your PIN before anything else. Please type it on the keys of your telephone."
PIN_REFUSED = "That was not right either, so I have to end this call. Goodbye."
PIN_LOCKED = "There were too many wrong PINs, so nobody is let in for a while. Goodbye."
WHAT_FOR = "What can I do for you?"
STORE_AWAY = "My message store does not answer just now. I hold on to what you said, and go on trying. "
STORE_STILL_AWAY = (
    "My message store still does not answer, so I cannot work on it now. "
    "I go on trying as long as we talk; if you hang up, please tell me again later."
)
LONGER_THAN_USUAL = "That takes longer than usual. I have not forgotten it."
BEGINS_ANEW = " I am sorry, I lost my thought for a moment. I am trying again. "
NO_ANSWER_YET = (
    "I still have no answer for you: the part of me that thinks does not respond. "
    "What you said is kept, and you will hear from me as soon as it is answered."
)
RESTARTING = "I have to restart now. Please call again in a minute. Goodbye."
VOICEMAIL = (
    "Hello, this is your Chief of Staff. I have something to tell you. "
    "Please call me back, or look at your messages. Goodbye."
)
HOW_TO_APPROVE = "Say: yes, approve it. Or: no, deny it. Or press 1 to approve, and 2 to deny."
NOT_APPROVED = "I cannot reach my ledger just now, so nothing was decided. Please say it again in a moment."
DECIDED_ALREADY = "That was answered already, so nothing has changed now."
CAN_YOU_HEAR = "Can you hear me?"
SAID_LAST = "What did you say last?"
MAY_I = "May I record this call?"
MAY_I_RECORD = f"{MAY_I} Say yes or no, or press 1 for yes and 2 for no."
RECORDING = "Thank you, I am recording now. Say: stop recording, at any time."
NOT_RECORDING = "All right, nothing is recorded."
CANNOT_RECORD = "I cannot record on this machine, so nothing is recorded."
RECORDING_STOPPED = (
    "I have stopped recording. What I have until now is kept; say: delete the recording, to have it erased."
)
RECORDING_ERASED = "The recording is erased, and nothing is recorded any more."
RECORDING_GOES_ON = "I go on recording, as you allowed."
IS_RECORDED = "Yes, this call is being recorded. Say: stop recording, at any time."
NOT_RECORDED = "No, this call is not being recorded."


def greeting(party: Party, now: datetime) -> str:
    """The first words to somebody who may talk at once."""
    return f"{hello(party, now)} {first_question(party)}"


def hello(party: Party, now: datetime) -> str:
    """Who is there, before anything is asked."""
    whom = f", {party.name}" if party.name else ""
    if party.resumed:
        return f"We were cut off{whom}. I am here again."
    if party.rung:
        return f"Hello{whom}. This is your Chief of Staff, calling you."
    return f"{_time_of_day(party, now)}{whom}."


def first_question(party: Party) -> str:
    """What a call begins with."""
    if party.resumed:
        return SAID_LAST
    return CAN_YOU_HEAR if party.rung else WHAT_FOR


def let_in(party: Party, opening: str = "") -> str:
    """After the right PIN.

    Args:
        party: Whose it was.
        opening: What comes first; empty: what the call is about.
    """
    return f"Thank you. {opening or party.message or WHAT_FOR}"


def asks_pin(party: Party) -> str:
    """The first words to somebody who has to prove themselves. Says no name: it may be anybody."""
    if party.resumed:
        return f"We were cut off, and I am here again. {ASK_PIN}"
    return f"Hello. This is your Chief of Staff{', calling you' if party.rung else ''}. {ASK_PIN}"


def _time_of_day(party: Party, now: datetime) -> str:
    try:
        hour = now.astimezone(ZoneInfo(party.time_zone)).hour
    except (ZoneInfoNotFoundError, ValueError):
        return "Hello"
    if 5 <= hour < 12:
        return "Good morning"
    return "Good afternoon" if 12 <= hour < 18 else "Good evening"


def asks_approval(task: Task, gate: Gate) -> str:
    """Read to who has not heard it before they decide."""
    return f"Task {task.number}, {task.title}, asks: {gate.question} {HOW_TO_APPROVE}"


def which_approval(waiting: int) -> str:
    """Not clear which one was meant."""
    if waiting == 1:
        return "That is not the task that waits for an approval. Say: approve it, and I read it to you."
    return f"{waiting} approvals wait. Name the task, such as: approve task 4."


def needs_button(task: Task) -> str:
    """What is too much for something that was perhaps heard wrongly."""
    return f"Task {task.number} needs your button: on Telegram or on the panel. Nothing was decided."


def decided(task: Task, *, yes: bool) -> str:
    """After a decision."""
    if yes:
        return f"Approved. Task {task.number}, {task.title}, goes on now."
    return f"Denied. Task {task.number}, {task.title}, is told so."


def belated(answer: str) -> str:
    """The answer to what was asked before the line broke."""
    return f"To what you asked before we were cut off: {answer}"


def late(asked: str, answer: str) -> str:
    """An answer that comes when nobody waited for it any more."""
    return f"You asked me before: {asked.rstrip('.?! ')}. {answer}"


def lasted(seconds: float) -> str:
    """How long a call was."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes == 0:
        return f"{rest} seconds" if rest != 1 else "a second"
    return f"{minutes} minute{'s' if minutes != 1 else ''}"
