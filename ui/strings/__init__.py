"""Every English text of the panel, in one place: what all pages share here, the rest in a module a page."""

from types import MappingProxyType

APP = "Chief of Staff"

# --- the frame
SKIP = "Skip to the content"
NAV = "Main"
OVERVIEW = "Overview"
TALK = "Talk"
TASKS = "Tasks"
PROJECTS = "Projects"
AGENTS = "Agents"
PEOPLE = "People"
COSTS = "Costs"
SETTINGS = "Settings"
NAV_MORE = "More"
SIGN_OUT = "Sign out"
THEME = "Appearance"
THEME_SYSTEM = "System colours"
THEME_LIGHT = "Light"
THEME_DARK = "Dark"
LEDGER_LOST = "The ledger does not answer. What you see may be old; trying again."
PAUSED = "Everything is stopped: no task is started."
PAUSED_WHY = "Everything is stopped: {reason}"
RESUME = "Let it go on"
RESUMED = "Work goes on."
SIGNED_OUT_ELSEWHERE = "You were signed out."

# --- signing in
LOGIN_TITLE = "Sign in"
LOGIN_NEEDED = "This panel opens with a one-time link."
LOGIN_HOW = "Run this where your Chief of Staff runs, and open the link that it prints:"
LOGIN_COMMAND = "cos login"
LOGIN_OR_RESTART = "Starting it anew with make run prints a link too."
LOGIN_WRONG = "This link is wrong, was used before, or has expired."
LOGIN_WRONG_WHY = "Each link works once, and only for a short time."
LOGIN_TOO_OFTEN = "Too many attempts to sign in. Wait a minute, then try again."
LOGIN_UNAVAILABLE = (
    "The ledger does not answer, so nobody can sign in just now. Try the same link again in a moment."
)
LOGIN_OR_LINK = "Or with a one-time link"
LOGIN_FOREIGN = "This came from another site, so it was not taken."
PASSWORD_LABEL = "Password"  # noqa: S105 - a word, no password
PASSWORD_REFUSED = "That is not the password."  # noqa: S105
SIGN_IN = "Sign in"
SIGN_IN_WITH = "Sign in with {provider}"
OPENID_WRONG = "That sign-in did not work. Begin it again here."
OPENID_STRANGER = "You are known there, but not here."
OPENID_STRANGER_WHY = "The owner can put your mail address on the list of who may come in."
OPENID_UNAVAILABLE = "The sign-in service does not answer. Try again in a moment, or use a one-time link."
SIGNED_OUT = "You are signed out."

# --- pages that are not there
NOT_FOUND = "This page does not exist."
NOT_FOUND_HOW = "The link may be old."
TASK_NOT_FOUND = "There is no such task."
BROKEN = "Something went wrong on this page."
BROKEN_HOW = "It was written to the log. Loading the page again may help."
BACK_TO_OVERVIEW = "Go to the overview"

# --- overview
NEEDS_YOU = "Needs you"
RUNNING_NOW = "Running now"
CAME_BACK = "Came back"
LAST_TALK = "Last said"
ALL_TASKS = "All tasks"
OPEN_TALK = "Open the chat"
CALM = "Nothing needs you."
NOTHING_RUNS = "Nothing is running."
NO_AGENTS = "No agent has reported yet."
NO_AGENTS_HOW = "Tasks wait until one does. Start one with: cos run seed"
NOTHING_BACK = "Finished work appears here."
WELCOME = "Nothing here yet."
WELCOME_HOW = "Drop a CSV into the chat and write:"
WELCOME_EXAMPLE = "create a task to analyse this file, high priority"
ONLINE = "online"
OFFLINE = "offline"
IDLE = "idle"
WORKS_ON = "on task"

# --- tasks
STATUS = MappingProxyType(
    {
        "pending": "Waiting",
        "in_progress": "Running",
        "blocked": "Needs you",
        "completed": "Done",
        "failed": "Failed",
        "cancelled": "Cancelled",
    }
)
COUNTED = MappingProxyType(
    {
        "pending": "waiting",
        "in_progress": "running",
        "blocked": "asking",
        "completed": "done",
        "failed": "failed",
        "cancelled": "cancelled",
    }
)
"""Behind a number."""
PRIORITY = MappingProxyType({"low": "Low", "medium": "Medium", "high": "High", "critical": "Critical"})
ALL = "All"
SEARCH = "Search tasks"
FILTER = "Show"
VIEW = "View"
AS_LIST = "List"
AS_BOARD = "Board"
PROJECT = "Project"
ANY_PROJECT = "All projects"
ANY_PRIORITY = "Any priority"
SORT = "Order"
SORTS = MappingProxyType(
    {"created": "Newest first", "updated": "Last changed", "priority": "Most urgent", "due": "Next due"}
)
PAGES = "Pages"
NEWER = "Back"
OLDER = "Next"
NONE_HERE = "None."
NO_TASKS = "No tasks yet."
NO_TASKS_HOW = "Tell the chief what you want done; the task appears here."
NO_MATCH = "No task matches."
CLEAR_FILTER = "Show all tasks"
TASK = "Task"
CANCEL_TASK = "Cancel task"
CANCEL_SURE = "Stop this task for good?"
CANCEL_YES = "Yes, cancel it"
CANCEL_NO = "Keep it"
CANCELLING = "Cancelling; its worker is being told to stop."
RETRY_TASK = "Try again"
RESULT = "Result"
FAILED_BECAUSE = "Why it failed"
DESCRIPTION = "What was asked"
CRITERIA = "Done when"
INPUTS = "Given"
OUTPUTS = "Made"
TRANSCRIPTS = "How it was done"
TRANSCRIPT_OF = "Transcript of run {attempt}"
TIMELINE = "Timeline"
ATTEMPTS = "Attempts"
ATTEMPT = "Attempt"
DETAILS = "Details"
AGENT = "Agent"
CREATED = "Created"
STARTED = "Started"
FINISHED = "Finished"
DUE = "Due"
LABEL_PRIORITY = "Priority"
DOWNLOAD = "Download"
TABLE_CUT = "First {rows} rows."
TEXT_CUT = "The beginning of the file."

OUTCOME = MappingProxyType(
    {
        "completed": "completed",
        "failed": "failed",
        "blocked": "asked a question",
        "released": "handed back",
        "cancelled": "cancelled",
        "lease_expired": "worker was lost",
    }
)
UNDER_WAY = "under way"

EVENTS = MappingProxyType(
    {
        "task.created": "Created",
        "task.claimed": "Taken by {actor}",
        "task.updated": "Changed",
        "task.completed": "Completed",
        "task.failed": "Failed",
        "task.blocked": "Waits for an answer",
        "task.released": "Handed back",
        "task.retried": "Queued again",
        "task.cancelled": "Cancelled",
        "gate.opened": "Asked",
        "gate.answered": "Answered",
        "gate.expired": "The question expired",
        "artifact.created": "File stored",
    }
)

# --- gates and forms
QUESTION = "Question"
APPROVAL = "Approval"
APPROVE = "Approve"
DECLINE = "Decline"
ANSWER = "Answer"
YES = "Yes"
NO = "No"
SAVE = "Save"
SAVED = "Saved."
CANCEL = "Cancel"
YOUR_ANSWER = "Your answer"
ANSWERED = "Answered: {answer}"
EXPIRED = "The question expired."

# --- talk
YOU = "You"
CHIEF = "Chief"
NOTICE = "News"
THINKING = "Thinking"
TALK_EMPTY = "Say what you need."
TALK_EMPTY_HOW = "Attach a CSV and ask for an analysis, or ask what is going on."
TALK_EXAMPLES = ("What is going on?", "Create a task to analyse this file, high priority")
MESSAGE = "Message to the chief"
MESSAGE_HINT = "Write to the chief"
ATTACH = "Attach files"
REMOVE = "Remove"
SEND = "Send"
SENDING = "Sending"
DROP_HERE = "Drop files to attach them"
EARLIER = "Show earlier"
CHANNELS = MappingProxyType({"telegram": "Telegram", "phone": "Phone", "call": "Call"})
OPEN_TASK = "Open the task"
GATEWAY_LOST = "The conversation is interrupted. What you write stays here; trying again."
NOT_SENT = "Not sent."
TOO_BIG = "These files are {size} together; one message takes {limit}. Send a smaller file or split it."
NO_CONNECTION = "No connection to the panel. Your text is still here; try again in a moment."
EMPTY_MESSAGE = "Write something or attach a file first."
GATEWAY_DOWN = "The gateway does not answer. Your text is still here; try again in a moment."

CALL = "Call the chief"
CALL_LIVE = "Call"
CALL_STATES = MappingProxyType(
    {
        "connecting": "Connecting",
        "listening": "Listening",
        "thinking": "Thinking",
        "speaking": "Speaking",
        "ended": "The call has ended.",
    }
)
CALL_MUTE = "Mute"
CALL_UNMUTE = "Unmute"
CALL_END = "Hang up"
CALL_CLOSE = "Close"
CALL_FAULTS = MappingProxyType(
    {
        "NotAllowedError": "The microphone is blocked. Allow it beside the address, then call again.",
        "NotFoundError": "No microphone was found. Connect one, then call again.",
        "InsecureContextError": "A call needs https, or the machine that your Chief of Staff runs on.",
    }
)
CALL_FAILED = "The call could not begin. Try again, or write instead."
CALL_UNAVAILABLE = "Calls are not possible just now: the gateway does not take them. You can write instead."
OTHERS = "Conversations"
NO_SESSION = "There is no such conversation."
OWN_SESSION = "Yours"

# --- what an action answers
NOT_ALLOWED = "Your login may only read. Sign in with a link that may act: cos login"
LEDGER_UNAVAILABLE = "The ledger does not answer. Nothing was changed; try again in a moment."
ANSWER_SENT = "Answered."
RETRIED = "Queued again."


def titled(page: str) -> str:
    """The title of a page in the browser's tab."""
    return f"{page} · {APP}"


def plural(n: int, one: str, many: str) -> str:
    """`3 tasks`, `1 task`."""
    return f"{n:,} {one if n == 1 else many}"


def needs_you(n: int) -> str:
    """The headline of the overview."""
    if n == 0:
        return CALM
    return f"{_WORDS.get(n, str(n))} thing{'s need' if n > 1 else ' needs'} you."


_WORDS = MappingProxyType(
    {1: "One", 2: "Two", 3: "Three", 4: "Four", 5: "Five", 6: "Six", 7: "Seven", 8: "Eight"}
)
