"""Registering workers and hearing from them. A name is for people; only epochs fence."""

from agentops.wire import Agent, AgentHeartbeat, AgentHeartbeatResult, NewAgent, Scope, TaskId
from ledger.caller import Caller
from ledger.engine import LedgerEngine, Row
from ledger.errors import AgentNotFound
from ledger.events.telling import tell
from ledger.ids import checked
from ledger.tasks import sql
from ledger.tasks.rows import struct_of

_WITH_TASKS = """agent.*, ARRAY(SELECT l.task_id FROM task_lease l WHERE l.agent = agent.name
    ORDER BY l.task_id) AS current_tasks"""

_TELL = """INSERT INTO event (type, entity_type, entity_id, actor, payload, traceparent, at)
    SELECT {kind}, 'agent', name, name, jsonb_build_object('name', name, 'kind', kind,
        'capabilities', to_jsonb(capabilities)), {trace}, statement_timestamp() FROM {source}"""

_REGISTER = f"""
WITH before AS (SELECT status FROM agent WHERE name = $1),
agent AS (
    INSERT INTO agent (name, kind, capabilities, software) VALUES ($1, $2, $3, $4)
    ON CONFLICT (name) DO UPDATE SET kind = $2, capabilities = $3, software = $4, status = 'online',
        last_seen_at = statement_timestamp()
    RETURNING *
), told AS ({
    _TELL.format(
        kind="CASE WHEN EXISTS (SELECT 1 FROM before) THEN 'agent.online' ELSE 'agent.registered' END",
        trace="$5",
        source="agent WHERE COALESCE((SELECT status FROM before), 'new') <> 'online'",
    )
})
SELECT {_WITH_TASKS}, EXISTS (SELECT 1 FROM before) AS known FROM agent
"""  # noqa: S608

_SEEN = f"""
WITH before AS (SELECT status FROM agent WHERE name = $1 FOR UPDATE),
seen AS (
    UPDATE agent SET last_seen_at = statement_timestamp(), status = 'online' FROM before
    WHERE name = $1 RETURNING name, kind, capabilities, before.status AS was
), told AS ({_TELL.format(kind="'agent.online'", trace="$2", source="seen WHERE was <> 'online'")})
SELECT was, EXISTS (SELECT 1 FROM claim_stop WHERE scope = 'system') AS paused FROM seen
"""  # noqa: S608

# A specialist's keys end with it: those that a worker had made for it, which always have an end of their own.
_REMOVE = f"""
WITH agent AS (DELETE FROM agent WHERE name = $1 RETURNING *),
api_key AS (
    UPDATE api_key k SET revoked_at = statement_timestamp() FROM agent
    WHERE agent.kind = 'specialist' AND k.name = agent.name AND k.scope = 'agent'
        AND k.expires_at IS NOT NULL AND k.revoked_at IS NULL
    RETURNING k.*
), ended AS ({
    tell(
        "'key.revoked'",
        "key",
        "api_key.id",
        "$2",
        "$3",
        "api_key",
        "jsonb_build_object('name', api_key.name, 'scope', api_key.scope, 'expires_at', api_key.expires_at)",
    )
}), told AS ({
    tell(
        "'agent.removed'",
        "agent",
        "agent.name",
        "$2",
        "$3",
        "agent",
        "jsonb_build_object('name', agent.name, 'kind', agent.kind)",
    )
})
SELECT ARRAY(SELECT id FROM api_key) AS keys FROM agent
"""  # noqa: S608


def agent_of(row: Row) -> Agent:
    """A row of the table agent with `current_tasks`."""
    return struct_of(Agent, row)


async def register(caller: Caller, new: NewAgent) -> Agent:
    """Makes a worker known, or what is known of it current."""
    caller.need(Scope.AGENT)
    row = await caller.db.row(
        _REGISTER, new.name, new.kind, new.capabilities, new.software, caller.traceparent
    )
    if row is None:
        raise LookupError("an insert without a row")
    caller.announce("agent.online" if row["known"] else "agent.registered", new.name)
    return agent_of(row)


async def heartbeat(caller: Caller, name: str, beat: AgentHeartbeat) -> AgentHeartbeatResult:
    """Renews all of a worker's leases at once.

    Raises:
        AgentNotFound: it has not registered.
    """
    caller.need(Scope.AGENT)
    checked([lease.task_id for lease in beat.leases], "leases")
    seen = await caller.db.row(_SEEN, name, caller.traceparent)
    if seen is None:
        raise AgentNotFound(f"no agent is called {name[:100]!r}; register it first")
    if seen["was"] != "online":
        caller.announce("agent.online", name)
    rows = await caller.db.rows(
        sql.RENEW_ALL,
        [lease.task_id for lease in beat.leases],
        [lease.epoch for lease in beat.leases],
        name,
        caller.held_by,
        float(beat.lease_s),
    )
    return AgentHeartbeatResult(
        renewed=[TaskId(row["task_id"]) for row in rows if row["renewed"]],
        lost=[TaskId(row["task_id"]) for row in rows if not row["renewed"]],
        cancel=[TaskId(row["task_id"]) for row in rows if row["cancel"]],
        paused=seen["paused"],
    )


async def remove(caller: Caller, name: str) -> None:
    """Forgets a worker, and ends the keys of a specialist. What it holds, it holds until its leases run out.

    Raises:
        AgentNotFound: none has this name.
    """
    caller.need()
    row = await caller.db.row(_REMOVE, name, caller.name, caller.traceparent)
    if row is None:
        raise AgentNotFound(f"no agent is called {name[:100]!r}")
    for key_id in row["keys"]:
        caller.announce("key.revoked", str(key_id))
    caller.announce("agent.removed", name)


async def list_agents(db: LedgerEngine) -> list[Agent]:
    """Every worker, by name."""
    rows = await db.rows(f"SELECT {_WITH_TASKS} FROM agent ORDER BY name")  # noqa: S608
    return [agent_of(row) for row in rows]


async def get_agent(db: LedgerEngine, name: str) -> Agent:
    """One worker.

    Raises:
        AgentNotFound: none has this name.
    """
    row = await db.row(f"SELECT {_WITH_TASKS} FROM agent WHERE name = $1", name)  # noqa: S608
    if row is None:
        raise AgentNotFound(f"no agent is called {name[:100]!r}")
    return agent_of(row)
