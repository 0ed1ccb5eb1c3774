"""What a person wants to hear of, when, and how: /notify, /quiet, /voice; and what it all costs: /budget."""

import re

from agentops import AgentOpsClient
from agentops.wire import Attention, PersonId, PreferencesPatch
from gateway.identity.rights import Right
from gateway.telegram import answers
from gateway.telegram.access import Speaker

_HOURS = re.compile(r"(\d{1,2}):?(\d{2})?\s*(?:-|\u2013|to|until)\s*(\d{1,2}):?(\d{2})?", re.IGNORECASE)
_SWITCH = {"on": True, "yes": True, "off": False, "no": False}


class Preferring:
    """Each returns what to say. All raise AgentOpsError when the ledger does not answer."""

    def __init__(self, ops: AgentOpsClient) -> None:
        self._ops = ops

    async def quiet(self, words: str, speaker: Speaker) -> str:
        """When nothing rings."""
        if speaker.person_id is None:
            return answers.UNKNOWN_TO_LEDGER
        if words:
            hours = quiet_hours(words)
            if hours is None:
                return f"I could not read that. {answers.QUIET_HELP}"
            patch = PreferencesPatch(quiet_from=hours[0], quiet_to=hours[1])
            preferences = await self._ops.update_preferences(speaker.person_id, patch)
        else:
            preferences = await self._ops.get_preferences(speaker.person_id)
        return answers.quiet(preferences, await self._zone(speaker.person_id))

    async def notify(self, words: list[str], speaker: Speaker) -> str:
        """What is told, and how."""
        if speaker.person_id is None:
            return answers.UNKNOWN_TO_LEDGER
        preferences = await self._ops.get_preferences(speaker.person_id)
        if words:
            rule = rule_of(words)
            if rule is None:
                groups, ways = " ".join(answers.EVENT_GROUPS), " ".join(way.value for way in Attention)
                return f"I could not read that. Write /notify, one of: {groups}; and one of: {ways}."
            rules = preferences.rules | {rule[0]: rule[1]}
            patch = PreferencesPatch(rules=rules, version=preferences.version)
            preferences = await self._ops.update_preferences(speaker.person_id, patch)
        return answers.notify(preferences)

    async def voice(self, words: str, speaker: Speaker) -> str:
        """Whether voice notes are answered by voice notes."""
        if speaker.person_id is None:
            return answers.UNKNOWN_TO_LEDGER
        if words:
            wanted = _SWITCH.get(words.casefold())
            if wanted is None:
                return f"I could not read that. {answers.VOICE_HELP}"
            patch = PreferencesPatch(voice_replies=wanted)
            preferences = await self._ops.update_preferences(speaker.person_id, patch)
        else:
            preferences = await self._ops.get_preferences(speaker.person_id)
        return answers.voice(on=preferences.voice_replies)

    async def budget(self, speaker: Speaker) -> str:
        """What was spent, and what may be."""
        if not speaker.may(Right.MANAGE):
            return answers.OWNER_ONLY
        return answers.budgets(await self._ops.list_budgets())

    async def _zone(self, person_id: PersonId) -> str:
        return (await self._ops.get_person(person_id)).time_zone


def quiet_hours(words: str) -> tuple[str | None, str | None] | None:
    """`22-7`, `22:00-07:30`, `off`; None for what is neither."""
    if words.strip().casefold() in ("off", "none", "never"):
        return None, None
    match = _HOURS.fullmatch(words.strip())
    if match is None:
        return None
    numbers = [int(part or 0) for part in match.groups()]
    if numbers[0] > 23 or numbers[2] > 23 or numbers[1] > 59 or numbers[3] > 59:
        return None
    return f"{numbers[0]:02}:{numbers[1]:02}", f"{numbers[2]:02}:{numbers[3]:02}"


def rule_of(words: list[str]) -> tuple[str, Attention] | None:
    """`done off` → the events and how they come; None for anything else."""
    if len(words) != 2 or words[1].casefold() not in list(Attention):
        return None
    known = answers.EVENT_GROUPS.get(words[0].casefold())
    return (known[1], Attention(words[1].casefold())) if known else None
