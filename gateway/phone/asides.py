"""What is said in a call past the chief, put on record for the chief to know and for whoever reads on."""

import structlog

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import NewTurn
from gateway.phone.parties import Party
from voice.port import Utterance

log = structlog.get_logger(__name__)


async def put_on_record(
    ops: AgentOpsClient, party: Party, kind: str, utterance: Utterance, answer: str
) -> None:
    """Both sides of it. A ledger that is away is logged.

    Args:
        ops: The ledger.
        party: Who said it, in whose session.
        kind: What it is about, for the ids: `approval`.
        utterance: What they said.
        answer: What they are told.
    """
    asked = f"{kind}-{utterance.id}"
    said = NewTurn(id=asked, role="person", channel=party.channel, text=utterance.text)
    reply = NewTurn(id=f"{asked}-answer", role="chief", channel=party.channel, text=answer, reply_to=asked)
    try:
        await ops.record_turn(party.session_id, said)
        await ops.record_turn(party.session_id, reply)
    except AgentOpsError as error:
        log.warning("call.aside_not_recorded", kind=kind, code=error.code)
