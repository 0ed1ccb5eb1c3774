"""Projects and agents over the wire, in memory."""

import uuid

import msgspec
from msgspec import UNSET

from agentops import errors
from agentops.testing.asking import Asking, checked
from agentops.testing.life import Life, conflict
from agentops.testing.state import State
from agentops.wire import (
    Agent,
    AgentHeartbeat,
    AgentHeartbeatResult,
    AgentStatus,
    NewAgent,
    NewProject,
    Page,
    Project,
    ProjectId,
    ProjectPatch,
    Scope,
    TaskStatus,
)


def create_project(asking: Asking) -> Project:
    caller, new, now = asking.need(), asking.read(NewProject), asking.state.clock()
    project = Project(
        id=ProjectId(str(uuid.uuid4())), name=new.name, description=new.description, version=1,
        task_counts={}, created_by=caller.key.name, created_at=now, updated_at=now,
    )  # fmt: skip
    return _kept(asking, project, "project.created")


def list_projects(asking: Asking) -> Page[Project]:
    projects = sorted(asking.state.projects.values(), key=lambda project: project.name.lower())
    return Page(items=[_counted(asking.state, project) for project in projects])


def get_project(asking: Asking) -> Project:
    project = asking.state.projects.get(asking.ids[0].lower())
    if project is None:
        raise errors.ProjectNotFound(f"no project has the id {asking.ids[0][:80]}")
    return _counted(asking.state, project)


def update_project(asking: Asking) -> Project:
    asking.need()
    patch, project = asking.read(ProjectPatch), get_project(asking)
    named = {"name": patch.name, "description": patch.description}
    changes = {name: value for name, value in named.items() if value is not UNSET}
    if not changes:
        return project
    if patch.version not in (UNSET, project.version):
        detail = f"the project has version {project.version}, not {patch.version}"
        raise conflict(errors.VersionConflict, detail, {"version": project.version})
    now, version = asking.state.clock(), project.version + 1
    changed = msgspec.structs.replace(project, updated_at=now, version=version, **changes)
    return _kept(asking, changed, "project.updated")


def delete_project(asking: Asking) -> None:
    asking.need()
    project = get_project(asking)
    _kept(asking, project, "project.deleted")
    del asking.state.projects[project.id]
    for kept in asking.state.tasks.values():
        if kept.task.project_id == project.id:
            kept.task = msgspec.structs.replace(kept.task, project_id=None)


def _kept(asking: Asking, project: Project, kind: str) -> Project:
    asking.state.projects[project.id] = project
    asking.state.log.tell(
        type=kind, entity_type="project", entity_id=project.id, task_id=None, project_id=project.id,
        actor=asking.by.key.name, payload={"name": project.name, "version": project.version},
        traceparent=asking.by.traceparent, at=asking.state.clock(),
    )  # fmt: skip
    return _counted(asking.state, project)


def _counted(state: State, project: Project) -> Project:
    counts = dict.fromkeys(map(str, TaskStatus), 0)
    for kept in state.tasks.values():
        counts[kept.task.status] += kept.task.project_id == project.id
    return msgspec.structs.replace(project, task_counts=counts)


def register_agent(asking: Asking) -> Agent:
    asking.need(Scope.AGENT)
    new, now = asking.read(NewAgent), asking.state.clock()
    before = asking.state.agents.get(new.name)
    agent = Agent(
        name=new.name, kind=new.kind, status=AgentStatus.ONLINE, capabilities=new.capabilities,
        software=new.software, current_tasks=[], last_seen_at=now,
        created_at=before.created_at if before else now,
    )  # fmt: skip
    asking.state.agents[new.name] = agent
    if before is None or before.status is not AgentStatus.ONLINE:
        _tell_of_agent(asking, agent, "agent.online" if before else "agent.registered")
    return _busy(asking.state, agent)


def agent_heartbeat(asking: Asking) -> AgentHeartbeatResult:
    caller, beat, life = asking.need(Scope.AGENT), asking.read(AgentHeartbeat), Life(asking.state)
    checked([lease.task_id for lease in beat.leases], "leases")
    name = asking.ids[0]
    agent = _agent(asking)
    seen = {"status": AgentStatus.ONLINE, "last_seen_at": asking.state.clock()}
    asking.state.agents[name] = msgspec.structs.replace(agent, **seen)
    if agent.status is not AgentStatus.ONLINE:
        _tell_of_agent(asking, agent, "agent.online")
    told = AgentHeartbeatResult(renewed=[], lost=[], cancel=[])
    for lease in beat.leases:
        kept = asking.state.tasks.get(lease.task_id.lower())
        held = kept.lease if kept else None
        mine = held and (held.epoch, held.agent) == (lease.epoch, name)
        if kept is None or held is None or not mine or caller.held_by not in (None, held.key_id):
            told.lost.append(lease.task_id)
            continue
        life.renew(kept, beat.lease_s)
        told.renewed.append(lease.task_id)
        if kept.task.cancel_requested:
            told.cancel.append(lease.task_id)
    return told


def list_agents(asking: Asking) -> Page[Agent]:
    return Page(items=[_busy(asking.state, agent) for _, agent in sorted(asking.state.agents.items())])


def get_agent(asking: Asking) -> Agent:
    return _busy(asking.state, _agent(asking))


def remove_agent(asking: Asking) -> None:
    caller, agent, state = asking.need(), _agent(asking), asking.state
    del state.agents[agent.name]
    for secret, key in state.keys.items() if agent.kind == "specialist" else ():
        if key.name == agent.name and key.scope is Scope.AGENT and key.expires_at and not key.revoked_at:
            state.keys[secret] = msgspec.structs.replace(key, revoked_at=state.clock())
    _tell_of_agent(asking, agent, "agent.removed", actor=caller.key.name)


def _agent(asking: Asking) -> Agent:
    agent = asking.state.agents.get(asking.ids[0])
    if agent is None:
        raise errors.AgentNotFound(f"no agent is called {asking.ids[0][:100]!r}; register it first")
    return agent


def _busy(state: State, agent: Agent) -> Agent:
    tasks = [kept.task.id for kept in state.tasks.values() if kept.lease and kept.lease.agent == agent.name]
    return msgspec.structs.replace(agent, current_tasks=sorted(tasks))


def _tell_of_agent(asking: Asking, agent: Agent, kind: str, *, actor: str = "") -> None:
    asking.state.log.tell(
        type=kind, entity_type="agent", entity_id=agent.name, task_id=None, project_id=None,
        actor=actor or agent.name,
        payload={"name": agent.name, "kind": agent.kind, "capabilities": agent.capabilities},
        traceparent=asking.by.traceparent, at=asking.state.clock(),
    )  # fmt: skip
