"""What a skill's script is given, and what it answers.

The worker puts `job.json` (a `Job`) into a folder of its own for the task and starts the script there. The
script may print `Progress` as lines of JSON. In the end it writes `result.json`: a `Done`, whose outputs
lie in the same folder, or a `Failed`. Scripts need no library for that, and none of ours.
"""

import msgspec

JOB_FILE, RESULT_FILE = "job.json", "result.json"


class TaskText(msgspec.Struct, frozen=True, kw_only=True):
    """The task in the person's words."""

    title: str
    description: str


class InputFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that the task brought."""

    name: str
    """What the person calls it; not to be used as a path."""
    path: str
    """Where it lies, absolute."""
    media_type: str


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a skill."""

    task: TaskText
    inputs: list[InputFile]


class OutputFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that the skill made."""

    name: str
    path: str
    """Relative to the job's folder."""
    media_type: str


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """It worked."""

    summary: str
    """One or two sentences for the person."""
    outputs: list[OutputFile] = []


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """It did not."""

    error: str
    """For the person: what was wrong and what to do."""
    retryable: bool = False


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far the work is."""

    progress: float
    """0 to 1."""
    note: str = ""


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """What a waiting child process is told once its job is known."""

    script: str
    workspace: str


class _Result(msgspec.Struct, frozen=True, kw_only=True):
    summary: str | None = None
    outputs: list[OutputFile] = []
    error: str | None = None
    retryable: bool = False


def read_result(content: bytes) -> Done | Failed:
    """The content of `result.json`.

    Raises:
        msgspec.DecodeError: it is neither a `Done` nor a `Failed`.
    """
    result = msgspec.json.decode(content, type=_Result)
    if result.error is not None:
        return Failed(error=result.error, retryable=result.retryable)
    if result.summary is None:
        raise msgspec.ValidationError("neither `summary` nor `error` is there")
    return Done(summary=result.summary, outputs=result.outputs)


def read_progress(line: bytes) -> Progress | None:
    """A line of the script's output; None if it is anything else."""
    try:
        return msgspec.json.decode(line, type=Progress)
    except msgspec.DecodeError:
        return None
