"""`/`: what needs the person first, then what runs, what came back, and who works."""

import asyncio

from nicegui import ui
from starlette.requests import Request

from agentops.wire import Pairing, Stats, Task
from ui import markup, strings, wording
from ui.board import Board, Question, Returned
from ui.components import artifacts
from ui.components.elements import KeyedList, Moment, Part, el, icon
from ui.components.frame import Frame, section
from ui.components.pairings import PairingCard
from ui.components.spending import budget_bar, said
from ui.components.work import (
    AgentAtWork,
    GateCard,
    agent_row,
    at_work,
    priority_mark,
    result_line,
    running_task,
    status_mark,
    task_title,
)
from ui.conversation import Message
from ui.files import is_picture
from ui.panel import Panel
from ui.reading import Reading, of_types
from ui.spending import UNITS, Spending, load_spending, used_of
from ui.strings import costs

LOAD_S = 2.0
LAST_SAID = 3
SPENDING_PAUSE_S = 2.0
SPENDING_PULSE_S = 30.0
MAX_BUDGETS = 5


def register(panel: Panel) -> None:
    """Declare the page."""

    today = Reading(
        lambda: load_spending(panel.ops, 1, groups=False),
        of_types("budget.*", "call.*", "task.completed", "task.failed", "task.released"),
        panel.following,
        pause_s=SPENDING_PAUSE_S,
        pulse_s=SPENDING_PULSE_S,
    )

    @ui.page("/", title=strings.titled(strings.OVERVIEW))
    async def overview(request: Request) -> None:
        await asyncio.gather(panel.board.fresh(LOAD_S), panel.conversation.fresh(LOAD_S), today.fresh(LOAD_S))
        page = Overview(Frame(panel, request, strings.OVERVIEW, "/"))
        page.follow_spending(today)


class Overview:
    """One tab's overview."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._panel = frame.panel
        with el("div", "page page-overview"):
            self._draw()
        frame.on_change(self._show)
        talk = self._panel.conversation
        frame.client.on_delete(talk.watch(frame.inside(self._show_said)))
        self._show()
        self._show_said()

    def follow_spending(self, today: Reading[Spending]) -> None:
        """Show what was spent today, now and from now on."""
        self._frame.follow(today, self._show_spending)

    def _draw(self) -> None:
        with el("header", "page-head"):
            self._headline = el("h1", "headline", "")
            self._summary = el("p", "lead", "")
        with el("div", "sheets"):
            with el("div", "sheet"):
                self._draw_welcome()
                self._draw_work()
            with el("div", "sheet sheet-side"):
                self._draw_side()

    def _draw_work(self) -> None:
        with section(strings.NEEDS_YOU, "section-needs") as self._needs:
            self._questions = KeyedList[Question](
                el("ul", "cards"),
                key=lambda question: question.gate.id,
                draw=self._draw_question,
            )
            self._pairings = KeyedList[Pairing](
                el("ul", "cards"), key=lambda pairing: pairing.id, draw=self._draw_pairing
            )
        with section(strings.RUNNING_NOW) as self._running_section:
            self._running = KeyedList[Task](
                el("ul", "entries"),
                key=lambda task: task.id,
                draw=running_task,
                classes="entry entry-running",
            )
            self._nothing_runs = el("p", "empty-line", strings.NOTHING_RUNS)
        with section(strings.CAME_BACK, aside=_all_tasks) as self._returned_section:
            self._returned = KeyedList[Returned](
                el("ul", "entries"),
                key=lambda returned: returned.task.id,
                draw=_draw_returned,
                classes="entry entry-returned",
            )
            self._nothing_back = el("p", "empty-line", strings.NOTHING_BACK)

    def _draw_side(self) -> None:
        with section(strings.LAST_TALK, aside=_open_talk):
            self._said = KeyedList[Message](
                el("ul", "said"), key=lambda message: message.id, draw=_draw_said, classes="said-row"
            )
            self._nothing_said = el("p", "empty-line", strings.TALK_EMPTY_HOW)
        with section(costs.SPENT_TODAY, aside=_see_costs):
            self._spent = Part(el("div", "spent"), self._draw_spending)
        with section(strings.AGENTS, aside=_see_agents):
            self._agents = KeyedList[AgentAtWork](
                el("ul", "agents"),
                key=lambda at_work: at_work.agent.name,
                draw=agent_row,
                classes="agent-row",
            )
            with el("div", "empty-line") as self._no_agents:
                el("p", text=strings.NO_AGENTS)
                el("p", text=strings.NO_AGENTS_HOW)

    def _draw_welcome(self) -> None:
        with el("div", "welcome") as self._welcome:
            el("h2", text=strings.WELCOME)
            el("p", text=strings.WELCOME_HOW)
            el("blockquote", text=f"“{strings.WELCOME_EXAMPLE}”")
            with el("a", "button button-main", href="/talk"):
                icon("talk")
                el("span", text=strings.OPEN_TALK)

    def _draw_question(self, question: Question) -> None:
        GateCard(self._frame, question.gate, question.task)

    def _draw_pairing(self, pairing: Pairing) -> None:
        PairingCard(self._frame, pairing)

    def _show_spending(self, spending: Spending) -> None:
        self._spending = spending
        self._spent.show(spending)

    def _draw_spending(self) -> None:
        used = self._spending.today
        spent = [(unit, used_of(used, unit)) for unit in UNITS if used_of(used, unit)]
        for unit, n in spent:
            with el("p", "spent-line"):
                el("span", "quiet", costs.UNITS[unit])
                el("span", "figure", said(n, unit))
        if not spent:
            el("p", "empty-line", costs.NO_SPEND)
        for budget in self._spending.budgets[:MAX_BUDGETS]:
            budget_bar(budget)

    def _show(self) -> None:
        board = self._panel.board.value or Board(stats=_NO_STATS)
        self._headline.text = strings.needs_you(board.waiting)
        self._summary.text = wording.summary(board.stats)
        self._welcome.set_visibility(board.is_new)
        self._needs.set_visibility(bool(board.waiting))
        self._running_section.set_visibility(not board.is_new)
        self._returned_section.set_visibility(not board.is_new)
        self._questions.show(board.questions)
        self._pairings.show(board.pairings)
        self._running.show(board.running)
        self._nothing_runs.set_visibility(not board.running)
        self._returned.show(board.returned)
        self._nothing_back.set_visibility(not board.returned)
        self._agents.show([at_work(agent, board.running) for agent in board.agents])
        self._no_agents.set_visibility(not board.agents)

    def _show_said(self) -> None:
        last = [message for message in self._panel.conversation.messages if message.text][-LAST_SAID:]
        self._said.show(last)
        self._nothing_said.set_visibility(not last)


_NO_STATS = Stats(tasks={}, agents_online=0, gates_open=0, oldest_pending_s=None)


def _all_tasks() -> None:
    el("a", "section-link", strings.ALL_TASKS, href="/tasks")


def _see_costs() -> None:
    el("a", "section-link", costs.SEE, href="/costs")


def _see_agents() -> None:
    el("a", "section-link", strings.ALL, href="/agents")


def _open_talk() -> None:
    el("a", "section-link", strings.OPEN_TALK, href="/talk")


def _draw_returned(returned: Returned) -> None:
    task = returned.task
    with el("div", "returned-text"):
        with el("div", "entry-head"):
            task_title(task)
            priority_mark(task.priority)
            with el("span", "entry-state"):
                status_mark(task.status)
                if task.finished_at:
                    Moment(task.finished_at)
        if line := result_line(task):
            el("p", "entry-result", line)
    if shown := next((file for file in returned.files if is_picture(file.media_type)), None):
        artifacts.picture(shown.id, shown.name, "thumbnail")


def _draw_said(message: Message) -> None:
    who = {"person": strings.YOU, "notice": strings.NOTICE}.get(message.role, strings.CHIEF)
    with el("p", "said-who"):
        el("span", text=who)
        Moment(message.at)
    el("p", "said-text", markup.to_line(message.text)[:400])
