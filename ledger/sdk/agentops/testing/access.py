"""Keys, logins, the log and the overview over the wire, in memory."""

import re
import secrets
import uuid
from datetime import timedelta

import msgspec

from agentops import errors
from agentops.testing.asking import Asking, checked
from agentops.testing.life import Life
from agentops.testing.log import Wanted
from agentops.wire import (
    AgentStatus,
    Events,
    GateKind,
    GateStatus,
    Health,
    Key,
    Login,
    MintedKey,
    NewKey,
    NewLogin,
    Page,
    RedeemLogin,
    Scope,
    Stats,
    TaskStatus,
)

LOGIN_KEY_DAYS = 30


def create_key(asking: Asking) -> MintedKey:
    caller, new = asking.need(Scope.AGENT), asking.read(NewKey)
    if caller.held_by is not None:
        _allow_worker(asking, new)
    return _minted(asking, new.name, new.scope, new.expires_in_s)


def list_keys(asking: Asking) -> Page[Key]:
    asking.need()
    return Page(items=list(reversed(asking.state.keys.values())))


def whoami(asking: Asking) -> Key:
    return asking.by.key


def _allow_worker(asking: Asking, new: NewKey) -> None:
    """A worker makes keys only for workers that the person approved in a task that it holds."""
    if new.task_id is None or new.epoch is None or new.scope is not Scope.AGENT or new.expires_in_s is None:
        raise errors.Forbidden("a worker makes keys only for workers that the person approved")
    Life(asking.state).held(new.task_id, new.epoch, asking.by)
    gates = [gate for gate in asking.state.gates.values() if gate.task_id == new.task_id]
    named = re.compile(rf"(?<![\w.@-]){re.escape(new.name)}(?![\w@-])")
    approvals = [gate for gate in gates if gate.kind is GateKind.APPROVAL and named.search(gate.question)]
    if not any(gate.answer in gate.options[:1] for gate in approvals):
        raise errors.Forbidden("the person has approved no worker in this task")


def revoke_key(asking: Asking) -> None:
    if asking.ids[0] != asking.by.key.id:
        asking.need()
    for secret, key in asking.state.keys.items():
        if key.id == asking.ids[0]:
            ended = key.revoked_at or asking.state.clock()
            asking.state.keys[secret] = msgspec.structs.replace(key, revoked_at=ended)
            return
    raise errors.NotFound(f"no key has the id {asking.ids[0][:80]}")


def create_login(asking: Asking) -> Login:
    asking.need()
    new, token = asking.read(NewLogin), secrets.token_urlsafe(16)
    expires_at = asking.state.clock() + timedelta(seconds=new.expires_in_s)
    asking.state.logins[token] = (new.scope, expires_at)
    return Login(token=token, expires_at=expires_at)


def redeem_login(asking: Asking) -> MintedKey:
    scope, expires_at = asking.state.logins.pop(asking.read(RedeemLogin).token, (None, None))
    if scope is None or expires_at is None or expires_at < asking.state.clock():
        raise errors.LoginInvalid("this login was used already, or is too old; ask for a new one")
    return _minted(asking, "login", scope, LOGIN_KEY_DAYS * 86_400)


def _minted(asking: Asking, name: str, scope: Scope, expires_in_s: int | None) -> MintedKey:
    now, secret = asking.state.clock(), f"cos_{secrets.token_urlsafe(16)}"
    expires_at = None if expires_in_s is None else now + timedelta(seconds=expires_in_s)
    key = Key(
        id=str(uuid.uuid4()), name=name, scope=scope, expires_at=expires_at, revoked_at=None,
        last_used_at=None, created_at=now,
    )  # fmt: skip
    asking.state.keys[secret] = key
    return MintedKey(secret=secret, **msgspec.structs.asdict(key))


def list_events(asking: Asking) -> Events:
    query = asking.query
    checked([query.get("project"), query.get("task_id")], "project or task_id")
    wanted = Wanted(query.get("types"), query.get("project"), query.get("task_id"))
    if "after" not in query:
        return Events(events=[], cursor=asking.state.log.cursor)
    return asking.state.log.read(query["after"], wanted, asking.number("limit", 500))


def stats(asking: Asking) -> Stats:
    state = asking.state
    counts = dict.fromkeys(map(str, TaskStatus), 0)
    for kept in state.tasks.values():
        counts[kept.task.status] += 1
    waiting = [
        kept.task.created_at for kept in state.tasks.values() if kept.task.status is TaskStatus.PENDING
    ]
    return Stats(
        tasks=counts,
        agents_online=sum(agent.status is AgentStatus.ONLINE for agent in state.agents.values()),
        gates_open=sum(gate.status is GateStatus.OPEN for gate in state.gates.values()),
        oldest_pending_s=(state.clock() - min(waiting)).total_seconds() if waiting else None,
    )


def health(asking: Asking) -> Health:
    return Health(status="ok", checks={"database": "ok", "redis": "ok"})
