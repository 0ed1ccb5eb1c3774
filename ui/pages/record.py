"""`/talk/{session}`: what was said in a conversation that is not one's own, as it is on record."""

import asyncio

from nicegui import ui
from starlette.requests import Request
from starlette.responses import Response

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import Person, Session
from ui import plain, strings
from ui.components.elements import el, icon
from ui.components.frame import Frame
from ui.components.messages import message_row
from ui.conversation import PAGE, UNSAID, message_of
from ui.panel import Panel

LOAD_S = 2.0
_OF_PERSON, _OF_GUEST = "person-", "guest-"


def register(panel: Panel) -> None:
    """Declare the page."""

    @ui.page("/talk/{session_id}", title=strings.titled(strings.TALK))
    async def record(request: Request, session_id: str) -> Response | None:
        before = request.query_params.get("before", "")
        place = int(before) if before.isdecimal() and len(before) < 16 else None
        try:
            async with asyncio.timeout(LOAD_S):
                page = await panel.ops.list_turns(session_id, before=place, limit=PAGE)
                people = await panel.ops.list_people()
        except (AgentOpsError, TimeoutError):
            return plain.page(strings.TALK, f"<p>{strings.LEDGER_LOST}</p>", 503)
        if not page.items:
            return plain.not_found(strings.NO_SESSION)
        await panel.board.fresh(LOAD_S)
        Frame(panel, request, strings.TALK, "/talk")
        with el("div", "page page-record"):
            with el("header", "page-head"):
                with el("a", "back", href="/talk"):
                    icon("back")
                    el("span", text=strings.OWN_SESSION)
                el("h1", text=session_name(session_id, people))
            if len(page.items) == PAGE:
                address = f"?before={page.items[0].seq}"
                el("a", "button", strings.EARLIER, href=address)
            with el("ol", "messages"):
                for turn in page.items:
                    if turn.role not in UNSAID:
                        with el("li", "message-row"):
                            message_row(message_of(turn))
        return None


async def other_sessions(ops: AgentOpsClient, own: str) -> list[tuple[Session, str]]:
    """Conversations of others, with their names; none when the ledger does not answer."""
    try:
        async with asyncio.timeout(LOAD_S):
            sessions, people = await asyncio.gather(ops.list_sessions(), ops.list_people())
    except (AgentOpsError, TimeoutError):
        return []
    return [(session, session_name(session.id, people)) for session in sessions if session.id != own]


def session_name(session_id: str, people: list[Person]) -> str:
    """Whose conversation it is."""
    person_id = session_id.removeprefix(_OF_PERSON).removeprefix(_OF_GUEST)
    return next((person.name for person in people if person.id == person_id), session_id)
