"""What needs a button: an approval in the ledger, which the owner gives on Telegram or the panel.

A deed of high risk becomes a task of the chief's own that asks for approval. Whichever channel answers it
first decides, once; then `approving` does the deed, whether or not the conversation goes on.
"""

from typing import Any

import msgspec
from strands import ToolContext

from agentops import AgentOpsClient
from agentops.errors import BudgetExhausted, Conflict, Paused
from agentops.wire import Block, Cancel, ClaimRequest, GateKind, NewTask, Priority, Task, TaskStatus
from brain.chief import reading
from brain.chief.errors import ToolRefused
from brain.chief.work import TurnWork
from brain.rows import Ask, Outcome

CAPABILITY = "chief-approval"
"""What no worker offers, so that none claims it."""
AGENT = "chief"
BUTTON_NEEDED = (
    "Task {n} asks for an approval, which takes a button: on Telegram or on the panel. A spoken or typed yes "
    "is not enough; a no is."
)
_CONTEXT = "approval"
_LEASE_S = 60
_MAX_TITLE = 200


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """The call of a tool that is done when it is approved."""

    tool: str
    arguments: dict[str, Any]
    question: str
    session_id: str
    role: str
    person: str


async def ask_by_gate(
    ops: AgentOpsClient, context: ToolContext, question: str, *, key: str, or_yes: bool = False
) -> Outcome:
    """Put a deed before the owner. It is not done yet.

    Args:
        ops: The ledger.
        context: Of the call that is to be made once it is approved.
        question: What to ask.
        key: Names the call.
        or_yes: Where no gate can be opened, since everything is paused or spent, take a yes in words.

    Raises:
        ToolRefused: No gate can be opened now.
        AgentOpsError: The ledger refuses, or does not answer; nothing was asked.
    """
    work: TurnWork = context.invocation_state["work"]
    call = context.tool_use
    deed = Deed(
        tool=call["name"],
        arguments=call["input"],
        question=question,
        session_id=work.session_id,
        role=work.role,
        person=work.person,
    )
    new = NewTask(
        title=question[:_MAX_TITLE],
        priority=Priority.HIGH,
        capabilities=[CAPABILITY],
        origin=work.session_id,
        context={"turn_id": work.turn_id, _CONTEXT: msgspec.to_builtins(deed)},
    )
    task = await ops.create_task(new, idempotency_key=key)
    try:
        blocked = await block(ops, task, question)
    except (Paused, BudgetExhausted) as stopped:
        await ops.cancel(task.id, Cancel(reason="No approval can be asked for now."))
        if or_yes:
            return Outcome(ask=Ask(text=f"{question} Say yes or no."))
        detail = f"I cannot ask for your approval now: {stopped.detail}. Try again when work goes on."
        raise ToolRefused("not_now", detail) from None
    text = (
        f"That needs your button, so nothing is done yet: I asked for your approval as task {task.number}, "
        f"“{question}”. Press it on Telegram or on the panel."
    )
    row = reading.task_row(blocked)
    return Outcome(done="approval.asked", task=row, ask=Ask(text=text, risk="gate"))


async def block(ops: AgentOpsClient, task: Task, question: str) -> Task:
    """Open the gate of an approval task; one that has it already stays as it is.

    Raises:
        Paused, BudgetExhausted: Nothing can be claimed, and so nothing be asked.
    """
    if task.status is not TaskStatus.PENDING:
        return task
    try:
        claim = await ops.claim(task.id, ClaimRequest(agent=AGENT, version=task.version, lease_s=_LEASE_S))
    except (Paused, BudgetExhausted):
        raise
    except Conflict:
        # Another replica of the chief, or an earlier run of this turn, was here.
        return await ops.get_task(task.id)
    return await ops.block(task.id, Block(epoch=claim.epoch, question=question, kind=GateKind.APPROVAL))


def deed_of(task: Task) -> Deed | None:
    """What is to be done once this task is approved; None when it is no approval of ours."""
    stored = task.context.get(_CONTEXT)
    if stored is None or CAPABILITY not in task.capabilities:
        return None
    try:
        return msgspec.convert(stored, Deed)
    except msgspec.ValidationError:
        return None
