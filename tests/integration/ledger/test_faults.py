"""kill -9 of the ledger, PostgreSQL and Redis under load; `cos bench faults` does the same twenty times."""

import pytest

from ops.bench import faults

TIMES = 2


@pytest.mark.timeout(180)
async def test_what_was_acknowledged_survives_every_kill_and_is_there_once() -> None:
    audit = await faults.run(TIMES, lambda line: None)
    assert audit.kills == {"ledger": TIMES, "postgres": TIMES, "redis": TIMES}
    assert (audit.lost, audit.done_twice, audit.duplicates, audit.events_wrong) == (0, 0, 0, 0)
    assert audit.created == audit.completed > 50
    assert audit.repeated_posts > 10
    assert audit.retried > 0
