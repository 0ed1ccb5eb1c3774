"""What the offline chief says word for word. `planner` recognises some of it when the answer comes."""

INTRODUCTION = (
    "(I am running without a language model: I understand plain requests about tasks, not free talk. "
    "To change that, put a key such as ANTHROPIC_API_KEY or OPENAI_API_KEY into .env, or choose with "
    "COS_MODEL, and restart.)"
)
SPOKEN_INTRODUCTION = "By the way, I run without a language model, so plain requests work best."
HELP = """I keep your tasks, have them done, and tell you what comes back. You can say:
- “Create a task to analyse this file, high priority” (attach a file)
- “What is going on?”, “Brief me”, “What failed?”, “How is the Berlin thing going?”
- “Make task 3 urgent”, “Cancel the fence”, “Retry task 3”, “Read me the result of task 1”
- “Remind me tomorrow at 8 to call the bank”, “Every Monday, check the backups”
- “How much have we spent?”, “Pause everything”, “Remember that …”, “What did I say about …?”
Or briefly: /task Buy paint @home !high due:friday · /status · /tasks · /agents"""
SPOKEN_HELP = (
    "I keep your tasks, have them done, and tell you what comes back. Say, for instance, create a task to "
    "call the bank, what is going on, or remind me tomorrow at eight."
)
GREETING = "Hello! What shall I take off your hands? You can also ask “What is going on?”"
THANKS = "You're welcome. Anything else to hand over?"
GOODBYE = "Until later. I'll tell you when something comes back."
IDENTITY = (
    "I am your Chief of Staff: you tell me what is to be done, I keep it in a ledger, workers do it, and I "
    "report. Try “Create a task to …” or “What is going on?”"
)
ADD_MODEL = (
    "Right now I run without a language model. To give me one, put a key into .env and restart: "
    "ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY, GROQ_API_KEY or OPENROUTER_API_KEY. To choose the "
    "model yourself: COS_MODEL=provider:model, for instance COS_MODEL=ollama:qwen3."
)
NOT_UNDERSTOOD = (
    "I did not understand that, so I changed nothing. I am good at tasks: try “Create a task to …”, "
    "“What is going on?” or “Help”."
)
NOTHING_CHANGED = "All right, I changed nothing. What would you like instead?"
YES_TO_WHAT = "Nothing is waiting for a yes. What shall I do?"
ASK_TITLE = "What is to be done? Tell me in one sentence."
ASK_PROJECT = "What shall the project be called?"
ASK_WHICH = "Which task do you mean? Tell me its number, such as “task 3”, or ask “Show my tasks”."
PERHAPS_NEW = "If you mean something new, say “create a task to …”."
ASK_WHICH_PROJECT = "Which project do you mean? “Show my projects” names them."
ASK_CHANGE = "What shall I change about it? For instance “make task 3 urgent” or “task 3 is due Friday”."
NOT_ALL = (
    "I cancel tasks one at a time, so that nothing is lost by a slip. “Show my tasks” gives their numbers."
)
NOT_MINE_TO_COMPLETE = (
    "Workers complete tasks, so I cannot tick one off for you. If it is no longer needed, say "
    "“cancel task {n}”."
)
BEGUN_ANEW = (
    "A fresh start: what we said before no longer plays into my answers. Your tasks and projects stay as "
    "they are. What do you need?"
)
EMPTY = (
    "All quiet: there are no tasks yet. Try “Create a task to analyse this file, high priority” and attach "
    "a CSV, and I'll have it done."
)

DID_YOU_MEAN = "Did you mean"
ASK_GOAL = "What is the goal? For instance “break the office move down into steps: first …, then …”."
ASK_STEPS_END = "For instance: first get three quotes, then choose one, then tell everybody."
ASK_STEPS = "I can plan “{goal}”, but without a language model I need the steps from you. " + ASK_STEPS_END
ASK_WHEN = "When shall I remind you? For instance “tomorrow at 8” or “in twenty minutes”."
ASK_REMINDER = "What shall I remind you of, and when? For instance “tomorrow at 8 to call the bank”."
ASK_AMOUNT = "How much? For instance “set the daily budget to 10 dollars”."
ASK_SEARCH = "What shall I look for? For instance “what did I say about the investor?”."
ASK_FACT = "What shall I keep in mind? For instance “remember that I prefer short answers”."
ASK_PROFILE = "What shall I change: your name, your language or your time zone? For instance “call me Sam”."
ASK_FILE = "What shall the file be called, and what goes into it? For instance “save this as notes.md: …”."
ASK_SEND = "What shall I send? For instance “send the result of task 1 to my phone”."
NO_DATE = "I could not read “{when}” as a date. Try “Friday”, “tomorrow at 5pm” or 2030-01-31."
NO_ZONE = "I know no time zone called “{zone}”. Try a city, such as Berlin, or a name such as Europe/Berlin."
NO_UNDO = (
    "I cannot take a step back by myself. Tell me what to change instead, such as “cancel task 3” or “make "
    "task 3 low priority”."
)
NOTHING_TO_REPEAT = "I have not said anything yet. What can I do for you?"
LISTENING = "Yes, I am here. What can I do for you?"
SMALLTALK = "I am well, thank you, and ready to work. What shall I take off your hands?"
PAUSED = "Everything is paused: nothing new is started. “Resume everything” goes on."
RESUMED = "Everything goes on again."
SENT = "Sent to you by {channel}."
