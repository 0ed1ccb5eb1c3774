"""Words of the costs' page."""

from types import MappingProxyType

PERIOD = "Period"
DAYS = "{days} days"
UNIT = "Show"
UNITS = MappingProxyType({"money": "Money", "tokens": "Tokens", "calls": "Calls"})
MONEY = "Money"
TOKENS_IN = "Tokens in"
TOKENS_OUT = "Tokens out"
CALLS = "Calls"
TODAY = "today"
TOTAL = "in {days} days"
BY_DAY = "By day"
GROUPS = MappingProxyType({"project": "By project", "agent": "By agent", "model": "By model"})
GROUP_HEADS = MappingProxyType({"project": "Project", "agent": "Agent", "model": "Model"})
NO_GROUP = MappingProxyType({"project": "no project", "agent": "no agent", "model": "no model"})
NOTHING = "Nothing was used in this time."
NOTHING_HOW = "Models and calls report here what they used."
BUDGETS = "Budgets"
NO_BUDGETS = "No budget is set, so nothing stops spending."
SET_BUDGET = "Set one in the settings"
CHART = "{unit} by day; the most was {most} on {day}"
PERIODS = MappingProxyType({"day": "a day", "month": "a month", "total": "in total"})
STATES = MappingProxyType({"ok": "", "warning": "Nearly spent", "exhausted": "Spent: work is stopped"})
OF = "{spent} of {limit}"
SPENT_TODAY = "Spent today"
NO_SPEND = "Nothing was spent today."
SEE = "Costs"
