"""`/agents`: who works, whether it lives, what it does, and what seeds have learnt."""

import asyncio
from dataclasses import dataclass, replace

from nicegui import ui
from starlette.requests import Request

from agentops import AgentOpsClient
from agentops.wire import Agent, AgentStatus, RetireSkill, Skill, SkillStatus, Task, TaskStatus
from ui import strings
from ui.board import MAX_RUNNING
from ui.components.elements import KeyedList, Moment, Part, el, on_click, table
from ui.components.forms import Sure
from ui.components.frame import Frame, section
from ui.components.work import progress_bar, task_title
from ui.panel import Panel
from ui.reading import Reading, of_types
from ui.strings import agents as words

LOAD_S = 2.0
HEARTBEAT_S = 10.0
MAX_AGENTS = 200
MAX_SKILLS = 200
SPECIALIST = "specialist"
"""The kind of those that workers raised, each with a key of its own."""


@dataclass(frozen=True)
class AgentAndWork:
    """An agent with the tasks that it holds."""

    agent: Agent
    tasks: tuple[Task, ...]
    asked: bool = False
    """Whether the person is being asked if it is to go."""


@dataclass(frozen=True)
class Crew:
    """All agents and skills, at one moment."""

    agents: tuple[AgentAndWork, ...]
    skills: tuple[Skill, ...]
    paused: bool

    @property
    def online(self) -> int:
        """How many live."""
        return sum(shown.agent.status is AgentStatus.ONLINE for shown in self.agents)


async def load_crew(ops: AgentOpsClient) -> Crew:
    """Read it from the ledger."""
    async with asyncio.TaskGroup() as group:
        agents = group.create_task(ops.list_agents())
        running = group.create_task(ops.list_tasks(status=(TaskStatus.IN_PROGRESS,), limit=4 * MAX_RUNNING))
        skills = group.create_task(ops.list_skills())
        system = group.create_task(ops.system())
    tasks = running.result().items
    shown = sorted(agents.result(), key=lambda agent: (agent.status != AgentStatus.ONLINE, agent.name))
    return Crew(
        agents=tuple(
            AgentAndWork(agent, tuple(task for task in tasks if task.id in agent.current_tasks))
            for agent in shown[:MAX_AGENTS]
        ),
        skills=tuple(newest(skills.result())[:MAX_SKILLS]),
        paused=system.result().paused,
    )


def newest(skills: list[Skill]) -> list[Skill]:
    """The newest version of each, those in use first, the most used first."""
    latest: dict[str, Skill] = {}
    for skill in skills:
        known = latest.get(skill.name)
        if known is None or skill.version > known.version:
            latest[skill.name] = skill
    return sorted(
        latest.values(), key=lambda skill: (skill.status == SkillStatus.RETIRED, -skill.uses, skill.name)
    )


def register(panel: Panel) -> None:
    """Declare the page."""
    touches = of_types("agent.*", "skill.*", "system.*", "task.*")
    # A heartbeat is no event, and its age is shown. A task that waits is nobody's yet.
    crew = Reading(
        lambda: load_crew(panel.ops),
        lambda event: touches(event) and event.type != "task.created",
        panel.following,
        pulse_s=HEARTBEAT_S,
    )

    @ui.page("/agents", title=strings.titled(strings.AGENTS))
    async def agents(request: Request) -> None:
        await asyncio.gather(crew.fresh(LOAD_S), panel.board.fresh(LOAD_S))
        AgentsPage(Frame(panel, request, strings.AGENTS, "/agents"), crew)


class AgentsPage:
    """One tab's view of the agents."""

    def __init__(self, frame: Frame, crew: Reading[Crew]) -> None:
        self._frame = frame
        self._crew = crew
        self._asked: set[str] = set()
        with el("div", "page page-narrow"):
            self._draw()
        frame.follow(crew, self._show)

    def _draw(self) -> None:
        with el("header", "page-head page-head-acts"):
            with el("div"):
                el("h1", text=strings.AGENTS)
                self._lead = el("p", "lead", "")
            self._switch = Part(el("div", "choices"), self._draw_switch)
        with el("div", "sheet"):
            with el("div"):
                self._agents = KeyedList[AgentAndWork](
                    el("ul", "entries"),
                    key=lambda shown: shown.agent.name,
                    draw=self._draw_agent,
                    classes="entry",
                )
                with el("div", "empty") as self._empty:
                    el("p", text=words.NONE)
                    el("p", "quiet", words.NONE_HOW)
            with section(words.SKILLS):
                self._draw_skills()

    def _draw_skills(self) -> None:
        with table(words.SKILLS) as self._table:
            with el("thead"), el("tr"):
                el("th", "", words.SKILL, scope="col")
                for title in (words.USES, words.FAILURES):
                    el("th", "figure", title, scope="col")
                el("th", "", words.LAST_USED, scope="col")
                with el("th", scope="col"):
                    el("span", "sr-only", words.STATE)
            self._skills = KeyedList[Skill](
                el("tbody"), key=lambda skill: skill.name, draw=self._draw_skill, tag="tr"
            )
        self._no_skills = el("p", "empty-line", words.NO_SKILLS)

    def _show(self, crew: Crew) -> None:
        online = strings.plural(crew.online, "agent online", "agents online")
        self._lead.text = words.LEAD_STOPPED if crew.paused else online
        self._switch.show((crew.paused,))
        self._agents.show([replace(shown, asked=shown.agent.name in self._asked) for shown in crew.agents])
        self._empty.set_visibility(not crew.agents)
        self._skills.show(crew.skills)
        self._table.set_visibility(bool(crew.skills))
        self._no_skills.set_visibility(not crew.skills)

    def _draw_switch(self) -> None:
        if self._crew.value and self._crew.value.paused:
            on_click(el("button", "button button-main", strings.RESUME, type="button"), self._resume)
        else:
            Sure(words.STOP_ALL, words.STOP_SURE, words.STOP_YES, self._stop)

    def _draw_agent(self, shown: AgentAndWork) -> None:
        agent = shown.agent
        online = agent.status is AgentStatus.ONLINE
        with el("div", "entry-head"):
            el("span", "pulse pulse-on" if online else "pulse", aria_hidden="true")
            el("span", "strong agent-name", agent.name)
            el("span", "quiet", f"{agent.kind} · {agent.software}" if agent.software else agent.kind)
            with el("span", "entry-state"):
                el("span", "quiet", _state(shown))
        for task in shown.tasks:
            with el("div", "held"):
                task_title(task)
                progress_bar(task)
                if task.progress_note:
                    el("p", "entry-note quiet", task.progress_note)
        with el("p", "entry-foot"):
            el("span", text=words.CAN)
            el("span", text=", ".join(agent.capabilities) or words.ANYTHING)
            with el("span", "entry-end"):
                el("span", text=f"{words.HEARTBEAT} ")
                Moment(agent.last_seen_at)
        if agent.kind == SPECIALIST or not online:
            with el("div", "sure"):
                self._draw_remove(shown)

    def _draw_remove(self, shown: AgentAndWork) -> None:
        """The question is part of what is shown: it outlasts a heartbeat, which draws the entry anew."""
        agent, specialist = shown.agent, shown.agent.kind == SPECIALIST
        if not shown.asked:
            with el("button", "button-quiet", type="button") as button:
                el("span", text=words.DISMISS if specialist else words.FORGET)
                el("span", "sr-only", agent.name)
            on_click(button, lambda: self._ask(agent))
            return
        el("span", "ask-sure", words.DISMISS_SURE if specialist else words.FORGET_SURE)
        yes = words.DISMISS_YES if specialist else words.FORGET_YES
        on_click(el("button", "button button-bad", yes, type="button"), lambda: self._remove(agent))
        on_click(el("button", "button", strings.CANCEL, type="button"), lambda: self._ask(agent))

    def _draw_skill(self, skill: Skill) -> None:
        with el("td", "skill"):
            with el("p"):
                el("span", "strong", skill.name)
                el("span", "quiet", words.VERSION.format(version=skill.version))
            if skill.description:
                el("p", "quiet", skill.description[:300])
        el("td", "figure", f"{skill.uses:,}")
        el("td", "figure", f"{skill.failures:,}")
        with el("td"):
            if skill.last_used_at:
                Moment(skill.last_used_at)
            else:
                el("span", "quiet", words.NEVER)
        with el("td", "acts"):
            if skill.status is SkillStatus.RETIRED:
                el("span", "quiet", words.RETIRED, title=skill.reason)
            else:
                Sure(
                    words.RETIRE,
                    words.RETIRE_SURE,
                    words.RETIRE_YES,
                    lambda: self._retire(skill),
                    name=skill.name,
                    classes="button-quiet",
                )

    # --- acting

    async def _stop(self) -> None:
        await self._frame.act(lambda ops: ops.pause(), words.STOPPED)

    async def _resume(self) -> None:
        await self._frame.act(lambda ops: ops.resume(), strings.RESUMED)

    def _ask(self, agent: Agent) -> None:
        self._asked ^= {agent.name}
        if self._crew.value:
            self._show(self._crew.value)

    async def _remove(self, agent: Agent) -> None:
        self._ask(agent)
        done = words.DISMISSED if agent.kind == SPECIALIST else words.FORGOTTEN
        await self._frame.act(lambda ops: ops.remove_agent(agent.name), done.format(name=agent.name))

    async def _retire(self, skill: Skill) -> None:
        body = RetireSkill(reason=words.RETIRE_REASON)
        await self._frame.act(lambda ops: ops.retire_skill(skill.name, body), words.RETIRED_NOW)


def _state(shown: AgentAndWork) -> str:
    if shown.agent.status is not AgentStatus.ONLINE:
        return strings.OFFLINE
    return strings.ONLINE if shown.tasks else strings.IDLE
