"""Whether a question still waits for its answer."""

from agentops import AgentOpsClient
from agentops.errors import GateNotFound
from agentops.wire import GateId, GateStatus


async def is_open(ops: AgentOpsClient, gate_id: str) -> bool:
    """Asked of the ledger now.

    Raises:
        AgentOpsError: It does not say, or not now.
    """
    try:
        gate = await ops.get_gate(GateId(gate_id))
    except GateNotFound:
        return False
    return gate.status is GateStatus.OPEN
