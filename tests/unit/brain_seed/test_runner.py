"""Skills run in processes that are limited, that tell nothing, and that die when they must."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from brain.seed import child
from brain.seed.catalog import Skill
from brain.seed.errors import SkillFailed
from brain.seed.protocol import Done, Job, Progress, TaskText
from brain.seed.runner import Limits, SkillRunner
from tests.waiting import eventually

JOB = Job(task=TaskText(title="Do it", description=""), inputs=[])
ANSWER = "import json\njson.dump({'summary': 'done', 'outputs': []}, open('result.json', 'w'))\n"

_OUTSIDE = """import json
out = {"name": "x", "path": "../x", "media_type": "text/plain"}
json.dump({"summary": "", "outputs": [out]}, open("result.json", "w"))
"""

MakeSkill = Callable[[str], Skill]


@pytest.fixture
def make_skill(tmp_path: Path) -> MakeSkill:
    """A skill of one script."""

    def make(code: str) -> Skill:
        script = tmp_path / "tool.py"
        script.write_text(code)
        return Skill("tool", "", script)

    return make


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A folder for one job."""
    made = tmp_path / "work"
    made.mkdir()
    return made


@pytest.fixture
async def runner(tmp_path: Path) -> AsyncIterator[SkillRunner]:
    """Without a waiting process."""
    async with SkillRunner(Limits(400, 20), modules=(), cache=tmp_path / "cache", warm=False) as made:
        yield made


async def run(runner: SkillRunner, skill: Skill, workspace: Path) -> tuple[Done, list[Progress]]:
    told: list[Progress] = []
    return await runner.run(skill, JOB, workspace, told.append), told


async def test_a_script_gets_the_job_and_answers(
    runner: SkillRunner, make_skill: MakeSkill, workspace: Path
) -> None:
    skill = make_skill(
        "import json\njob = json.load(open('job.json'))\n"
        "open('out.txt', 'w').write('hello')\n"
        "json.dump({'summary': job['task']['title'], 'outputs': [{'name': 'out.txt', 'path': 'out.txt',"
        " 'media_type': 'text/plain'}]}, open('result.json', 'w'))\n"
    )
    done, _ = await run(runner, skill, workspace)

    assert done.summary == "Do it"
    assert (workspace / done.outputs[0].path).read_text() == "hello"


async def test_progress_is_heard_among_whatever_else_is_printed(
    runner: SkillRunner, make_skill: MakeSkill, workspace: Path
) -> None:
    skill = make_skill(
        "print('hello')\nprint('x' * 200_000)\n"
        'print(\'{"progress": 0.5, "note": "half"}\')\nprint(\'{}\')\n' + ANSWER
    )
    _, told = await run(runner, skill, workspace)

    assert told == [Progress(progress=0.5, note="half")]


async def test_a_script_sees_nothing_of_the_workers_environment(
    runner: SkillRunner, make_skill: MakeSkill, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("LEDGER_API_KEY", "cos_secret")
    skill = make_skill(
        "import os, json\nseen = dict(os.environ)\n"
        "raw = open('/proc/self/environ').read() if os.path.exists('/proc/self/environ') else ''\n"
        "json.dump({'summary': json.dumps(seen) + raw}, open('result.json', 'w'))\n"
    )
    done, _ = await run(runner, skill, workspace)

    assert "secret" not in done.summary
    assert f'"HOME": "{workspace}"' in done.summary


@pytest.mark.parametrize(
    ("code", "complaint", "retryable"),
    [
        ("import json\njson.dump({'error': 'bad line 3'}, open('result.json', 'w'))", "bad line 3", False),
        (
            "import json\njson.dump({'error': 'busy', 'retryable': True}, open('result.json', 'w'))",
            "busy",
            True,
        ),
        ("raise ValueError('boom')", "crashed .ValueError: boom", True),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", "crashed .status -11", True),
        ("pass", "crashed .status 0", True),
        ("open('result.json', 'w').write('{')", "unreadable result", False),
        ("open('result.json', 'w').write('{}')", "unreadable result", False),
        ("x = [bytearray(50 << 20) for _ in range(20)]", "more than the 400 MB of memory", False),
        (_OUTSIDE, "not its own", False),
    ],
)
async def test_what_goes_wrong_is_said_in_words(
    runner: SkillRunner, make_skill: MakeSkill, workspace: Path, code: str, complaint: str, retryable: bool
) -> None:
    with pytest.raises(SkillFailed, match=complaint) as failure:
        await run(runner, make_skill(code), workspace)

    assert failure.value.retryable is retryable


async def test_a_script_that_never_ends_is_stopped(
    tmp_path: Path, make_skill: MakeSkill, workspace: Path
) -> None:
    async with SkillRunner(Limits(400, 1.0), modules=(), cache=tmp_path / "cache", warm=False) as runner:
        with pytest.raises(SkillFailed, match="longer than 1 seconds"):
            await run(runner, make_skill("while True: pass"), workspace)


async def test_cancelling_kills_the_process_and_what_it_started(
    runner: SkillRunner, make_skill: MakeSkill, workspace: Path
) -> None:
    skill = make_skill(
        "import subprocess, sys, os\n"
        "inner = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open('pids.tmp', 'w').write(f'{os.getpid()} {inner.pid}')\n"
        "os.rename('pids.tmp', 'pids')\ninner.wait()\n"
    )
    running = asyncio.create_task(run(runner, skill, workspace))
    await eventually((workspace / "pids").exists)
    pids = [int(pid) for pid in (workspace / "pids").read_text().split()]
    running.cancel()
    await asyncio.wait({running})

    assert running.cancelled()
    await eventually(lambda: not any(_runs(pid) for pid in pids))


async def test_a_waiting_process_takes_the_next_job_and_is_replaced(
    tmp_path: Path, make_skill: MakeSkill
) -> None:
    tell_pid = "import os, json\njson.dump({'summary': str(os.getpid())}, open('result.json', 'w'))\n"
    async with SkillRunner(Limits(400, 20), modules=("json",), cache=tmp_path / "cache", warm=True) as runner:
        for number in range(2):
            await asyncio.gather(runner.prepare(), runner.prepare())
            (waiting,) = _children()
            folder = tmp_path / f"work-{number}"
            folder.mkdir()
            done, _ = await run(runner, make_skill(tell_pid), folder)
            assert done.summary == str(waiting)

    assert not _children()


async def test_a_waiting_process_that_died_is_not_used(
    tmp_path: Path, make_skill: MakeSkill, workspace: Path
) -> None:
    async with SkillRunner(Limits(400, 20), modules=(), cache=tmp_path / "cache", warm=True) as runner:
        await runner.prepare()
        (waiting,) = _children()
        psutil.Process(waiting).kill()
        await eventually(lambda: not _runs(waiting))
        done, _ = await run(runner, make_skill(ANSWER), workspace)

    assert done.summary == "done"


async def test_a_child_ends_when_its_worker_is_gone() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, child.__file__, str(1 << 30), "10"), stdin=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.close()

    async with asyncio.timeout(10):
        assert await process.wait() == 0


def _children() -> list[int]:
    found = []
    for process in psutil.Process(os.getpid()).children():  # not those of a whole system that others started
        if _runs(process.pid) and child.__file__ in process.cmdline():
            found.append(process.pid)
    return found


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
