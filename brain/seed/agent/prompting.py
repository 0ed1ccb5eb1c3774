"""What the model is told: its trade, the task, what came before."""

from collections.abc import Sequence
from importlib import resources

from agentops.wire import Gate, Task
from brain.seed.agent.memory import Memory

BEGIN = "Begin with the task."
REMINDER = (
    "You stopped without calling a tool. If the task is done, call `finish`; if you need the person, "
    "call `ask_person`; if it cannot be done, call `give_up`; else go on."
)
_LONGEST_ANSWER = 4_000


def system_prompt(
    task: Task,
    files: Sequence[str],
    answers: Sequence[Gate],
    memory: Memory,
    *,
    trade: str,
    notes: Sequence[str],
) -> str:
    """The whole of it. The task stands here and not in a message, so that a moving window never loses it.

    Args:
        task: As claimed.
        files: Paths of its inputs in the workspace.
        answers: What the person was asked and said, oldest first.
        memory: Of earlier attempts.
        trade: What a specialist is told besides; empty for any other worker.
        notes: What this worker can or cannot do, a sentence each.
    """
    general = (resources.files("brain.seed.agent") / "prompts" / "seed.md").read_text("utf-8").strip()
    parts = [general, trade, "\n".join(notes), _task(task), _files(files), _answers(answers)]
    parts += [_before(task, memory), _left_behind(memory)]
    return "\n\n".join(part for part in parts if part)


def _task(task: Task) -> str:
    lines = [f"# Task {task.number}: {task.title}", task.description.strip()]
    if task.acceptance_criteria:
        lines.append("Acceptance criteria:")
        lines += [f"{number}. {text}" for number, text in enumerate(task.acceptance_criteria, 1)]
    if task.due_at:
        lines.append(f"Due: {task.due_at:%Y-%m-%d %H:%M %Z}")
    return "\n".join(line for line in lines if line)


def _files(files: Sequence[str]) -> str:
    return "# Files that came with it\n" + "\n".join(f"- {name}" for name in files) if files else ""


def _answers(answers: Sequence[Gate]) -> str:
    said = [gate for gate in answers if gate.answer]
    if not said:
        return ""
    told = [
        f"- You asked: {gate.question}\n  They said: {(gate.answer or '')[:_LONGEST_ANSWER]}" for gate in said
    ]
    return "# What the person has answered\n" + "\n".join(told)


def _before(task: Task, memory: Memory) -> str:
    if not memory.lessons and not (task.error and not memory.messages):
        return ""
    lines = ["# Earlier attempts failed; do it differently"]
    if task.error:
        lines.append(f"The last one ended with: {task.error[:2_000]}")
    return "\n".join([*lines, memory.lessons])


def _left_behind(memory: Memory) -> str:
    if not memory.left_behind:
        return ""
    return "# Files that were too large to keep since the last attempt\n" + "\n".join(memory.left_behind[:50])
