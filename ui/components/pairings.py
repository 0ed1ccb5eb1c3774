"""A stranger who wants to be let in, with the means to decide."""

from collections.abc import Sequence

from agentops.wire import ApprovePairing, Pairing, Person, PersonId, Role
from ui.components.elements import Moment, el, on_click
from ui.components.forms import Values, choice, on_form, submit
from ui.components.frame import Frame
from ui.strings import people as words

_NEW = {Role.MEMBER.value: words.NEW_MEMBER, Role.GUEST.value: words.NEW_GUEST}


class PairingCard:
    """One request.

    Args:
        frame: of the tab.
        pairing: who asks.
        people: whose address it may be; None offers no choice but what the ledger does by itself.
    """

    def __init__(self, frame: Frame, pairing: Pairing, people: Sequence[Person] | None = None) -> None:
        self._frame = frame
        self._pairing = pairing
        channel = words.CHANNELS.get(pairing.channel, pairing.channel)
        self._name = pairing.display_name or words.STRANGER
        with el("article", "gate"):
            with el("div", "gate-head"):
                el("span", "gate-kind", words.ASKS)
                Moment(pairing.created_at)
            el("p", "gate-question", words.ASKS_LEAD.format(name=self._name, channel=channel))
            with el("p"):
                el("span", "quiet", f"{words.CODE} ")
                el("code", "code", pairing.code)
            with on_form(el("form", "answer-form"), self._approve):
                if people:
                    choice(words.LET_IN_AS, "who", _choices(people), value=Role.MEMBER.value)
                submit(words.LET_IN, main=True)
                on_click(el("button", "button", words.SEND_AWAY, type="button"), self._reject)

    async def _approve(self, values: Values) -> None:
        who = values.get("who", "")
        approval = ApprovePairing(
            code=self._pairing.code,
            person_id=PersonId(who) if who and who not in _NEW else None,
            role=Role(who) if who in _NEW else None,
        )
        done = words.CAME_IN.format(name=self._name)
        await self._frame.act(lambda ops: ops.approve_pairing(approval), done)
        self._frame.panel.board.poke()

    async def _reject(self) -> None:
        await self._frame.act(lambda ops: ops.reject_pairing(self._pairing.code), words.SENT_AWAY)
        self._frame.panel.board.poke()


def _choices(people: Sequence[Person]) -> dict[str, str]:
    known = {str(person.id): words.AN_ADDRESS_OF.format(name=person.name) for person in people}
    return {**_NEW, **known}
