"""What a worker counts and measures; Prometheus fetches it from `watching`, where SEED_PORT opens it."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

from agentops.worker import Asked, GiveUp, HandBack, Job, TryAgain, Work, WorkLost
from brain.seed.errors import SkillFailed

_SECONDS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0, 180.0, 600.0, 1800.0)

SLOTS = Gauge("cos_seed_slots", "How many tasks it may work on at once: SEED_SLOTS.")
BUSY = Gauge("cos_seed_slots_busy", "Tasks that it works on right now.")
TASKS = Counter("cos_seed_tasks_total", "Tasks that left its hands, by how.", ["ended"])
SECONDS = Histogram("cos_seed_task_seconds", "From claim until then.", buckets=_SECONDS)
SKILLS = Counter("cos_seed_skill_runs_total", "Runs of skills, by how they ended.", ["skill", "ended"])

_ENDINGS: tuple[tuple[type[BaseException], str], ...] = (
    (Asked, "asked"),
    (GiveUp, "failed"),
    (HandBack, "handed_back"),
    (TryAgain, "to_try_again"),
    (WorkLost, "lost"),
    (asyncio.CancelledError, "cut_off"),
)
"""Whatever else is raised is tried again, too: a fault of ours."""


def counted(work: Work) -> Work:
    """The same work; each task is counted and timed."""

    async def do(job: Job) -> dict[str, Any] | None:
        began, ended = time.perf_counter(), "completed"
        try:
            with BUSY.track_inprogress():
                return await work(job)
        except BaseException as error:
            ended = next((name for kind, name in _ENDINGS if isinstance(error, kind)), "fault")
            raise
        finally:
            TASKS.labels(ended).inc()
            SECONDS.observe(time.perf_counter() - began)

    return do


@contextmanager
def skill_run(skill: str) -> Iterator[None]:
    """Count one run of a skill, for as long as the block runs."""
    ended = "completed"
    try:
        yield
    except BaseException as error:
        ended = "failed" if isinstance(error, SkillFailed) else "cut_off"
        raise
    finally:
        SKILLS.labels(skill, ended).inc()
