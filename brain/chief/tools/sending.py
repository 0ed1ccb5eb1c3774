"""Messages that go elsewhere: to another channel of the person, or to somebody else."""

from datetime import UTC, datetime
from typing import Any, Literal

from rapidfuzz import fuzz, process, utils
from strands import ToolContext, tool

from agentops.wire import Contact, Person
from brain.chief.approvals import ask_by_gate
from brain.chief.errors import ToolRefused
from brain.chief.tools.base import Desk, owners_only, told, work_of
from brain.rows import Outcome
from gateway.session.stream import SessionStream
from gateway.session.turns import Notice, SessionId

_SAME_NAME_SCORE = 80
_MOST_CHARS = 10_000


class SendingTools:
    """Sending."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def all(self) -> list[Any]:
        """As `Agent(tools=…)` takes them."""
        return [self.send_to_me, self.message_person] if self._desk.stream is not None else []

    @tool(context=True)
    async def send_to_me(
        self, tool_context: ToolContext, channel: Literal["telegram", "phone", "web"], text: str
    ) -> dict[str, Any]:
        """Send the person something on another channel of theirs, such as a list while they are on the phone.

        Args:
            channel: Where to.
            text: The whole message.
        """
        work = work_of(tool_context)
        key = work.call_name("send_to_me")

        async def send() -> Outcome:
            stream = _stream(self._desk)
            if channel != "web":
                addresses = await stream.addresses(SessionId(work.session_id))
                if channel not in addresses.by_channel:
                    detail = f"I have never heard the person on {channel}, so I have no address there."
                    raise ToolRefused("no_address", detail)
                if channel not in await stream.carried():
                    raise ToolRefused("channel_off", f"Nobody delivers to {channel} at the moment.")
            await _tell(stream, key, work.session_id, _checked(text), channel=channel)
            return Outcome(done="message.sent", told=f"to the person's {channel}")

        return await told(tool_context, send)

    @tool(context=True)
    async def message_person(self, tool_context: ToolContext, person: str, text: str) -> dict[str, Any]:
        """Send a message to somebody else. It is put before the owner, who decides by a button.

        Args:
            person: Their name, as the ledger knows it.
            text: The whole message.
        """
        work = work_of(tool_context)
        key = work.call_name("message_person")

        async def send() -> Outcome:
            owners_only(work, "send messages to others")
            to = named(await self._desk.people.all(), person)
            contact = _reached(to)
            if not work.approved:
                question = f"Send {to.name} this on {contact.channel}: “{_checked(text)}”"
                return await ask_by_gate(self._desk.ops, tool_context, question, key=key)
            stream = _stream(self._desk)
            session = f"person-{to.id}"
            await _tell(
                stream, key, session, _checked(text), channel=contact.channel, address=contact.address
            )
            return Outcome(done="message.sent", told=f"to {to.name} on {contact.channel}")

        return await told(tool_context, send)


async def _tell(
    stream: SessionStream, key: str, session: str, text: str, *, channel: str, address: str | None = None
) -> None:
    notice = Notice(
        id=f"sent-{key}".replace(":", "-"),
        session_id=SessionId(session),
        kind="message",
        text=text,
        channel=channel,
        address=address,
        at=datetime.now(UTC),
    )
    await stream.notify(notice)


def _checked(text: str) -> str:
    text = text.strip()
    if not 0 < len(text) <= _MOST_CHARS:
        raise ToolRefused("invalid_text", f"A message has 1 to {_MOST_CHARS} characters.")
    return text


def named(people: list[Person], name: str) -> Person:
    """Whoever is called so, or nearly so.

    Raises:
        ToolRefused: Nobody, or not one alone.
    """
    names = dict(enumerate(one.name for one in people))
    near = process.extract(
        name, names, scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=_SAME_NAME_SCORE
    )
    if len(near) == 1 or (len(near) > 1 and near[0][1] > near[1][1]):
        return people[near[0][2]]
    there = ", ".join(one.name for one in people[:20]) or "nobody"
    raise ToolRefused("person_not_found", f"I know nobody called “{name}”. I know: {there}.")


def _reached(person: Person) -> Contact:
    contact = next((one for one in person.contacts if one.verified_at and one.channel == "telegram"), None)
    if contact is None:
        detail = f"{person.name} has no proven address to which I could send a message."
        raise ToolRefused("no_address", detail)
    return contact


def _stream(desk: Desk) -> SessionStream:
    if desk.stream is None:
        raise ToolRefused("channel_off", "I cannot send messages here.")
    return desk.stream
