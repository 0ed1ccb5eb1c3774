"""The record of an attempt."""

from datetime import UTC, datetime

from agentops.testing import FakeLedger
from agentops.wire import ClaimNextRequest, NewTask
from agentops.worker import Job, TryAgain
from agentops.worker.leases import Held
from agentops.worker.progress import ProgressReport
from brain.seed.transcript import MOST_BYTES, Transcript, shortened


def test_what_is_too_long_loses_its_middle_and_says_so() -> None:
    content = ("é" * MOST_BYTES).encode()
    kept = shortened(b"first" + content + b"last")
    assert len(kept) <= MOST_BYTES
    assert kept.startswith(b"first")
    assert kept.endswith(b"last")
    assert "bytes are left out here" in kept.decode()
    assert shortened(b"short") == b"short"


async def test_however_an_attempt_ends_its_transcript_is_a_record_of_the_task() -> None:
    async with FakeLedger().client() as ops:
        task = await ops.create_task(NewTask(title="Count the letters"))
        (claim,) = await ops.claim_next(ClaimNextRequest(agent="seed-1"))
        transcript = Transcript(task.title, 1, "by rules", datetime.now(UTC))
        transcript.note("reading")
        transcript.note("reading")
        held = Held(claim)
        await transcript.close(
            Job(ops, held, ProgressReport(ops, held, lease_s=60)), TryAgain("the site was away")
        )
        (kept,) = await ops.list_artifacts(task.id)
        content = (await ops.download(kept.id)).decode()

    assert (kept.name, kept.kind, kept.media_type) == ("transcript-1.md", "record", "text/markdown")
    assert content.count("reading") == 1
    assert "Failed, and may be tried again: the site was away" in content
