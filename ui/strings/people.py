"""Words of the pages about people."""

from types import MappingProxyType

NONE = "Nobody is known yet."
NONE_HOW = "Whoever writes to your bot gets a code; let them in here with it. The first becomes the owner."
ASKS = "Wants to be let in"
ASKS_LEAD = "{name} on {channel}"
STRANGER = "Somebody"
CODE = "Code"
LET_IN_AS = "Let in as"
NEW_MEMBER = "A new member"
NEW_GUEST = "A new guest"
AN_ADDRESS_OF = "An address of {name}"
THE_OWNER = "The owner"
LET_IN = "Let in"
SEND_AWAY = "Send away"
CAME_IN = "{name} is let in."
SENT_AWAY = "The request was refused."
ROLE = "Role"
ROLES = MappingProxyType({"owner": "Owner", "member": "Member", "guest": "Guest"})
ROLES_MEAN = "An owner decides, a member asks for work, a guest may talk and no more."
NAME = "Name"
TIME_ZONE = "Time zone"
LANGUAGE = "Language"
ABOUT = "About"
CONTACTS = "Reached by"
NO_CONTACTS = "No address is known."
CHANNEL = "Channel"
CHANNELS = MappingProxyType({"telegram": "Telegram", "phone": "Telephone", "web": "Browser"})
ADDRESS = "Address"
ADDRESS_HINT = "+49 170 1234567"
ADD_CONTACT = "Add"
PROVEN = "proven"
UNPROVEN = "not proven"
REMOVE = "Remove"
REMOVE_SURE = "Forget this address?"
REMOVE_YES = "Yes, forget it"
FORGET = "Forget this person"
FORGET_SURE = "Forget this person with all addresses and preferences?"
FORGET_YES = "Yes, forget"
PREFERENCES = "How to hear of things"
ATTENTION = MappingProxyType(
    {"ring": "With a sound", "silent": "Silently", "digest": "In the digest", "off": "Not at all"}
)
NEWS = MappingProxyType(
    {
        "task.completed": "A task is done",
        "task.failed": "A task failed",
        "task.blocked": "A question",
        "gate.opened": "An approval",
        "task.overdue": "A task is late",
        "agent.offline": "An agent is gone",
        "budget.warning": "A budget is nearly spent",
        "budget.exhausted": "A budget is spent",
        "schedule.fired": "A reminder",
    }
)
QUIET_FROM = "Quiet from"
QUIET_TO = "Quiet until"
DIGEST_AT = "Digest at"
BRIEF_AT = "Day's brief at"
ESCALATE = "Ask again after, in minutes"
VOICE_REPLIES = "Answer voice notes with voice notes"
NOT_A_NUMBER = "Minutes are a number, such as 10. Leave the field empty for never."
NOT_FOUND = "There is no such person."
