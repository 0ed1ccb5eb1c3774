"""What `cos bench voice` calls: every part in a process of its own, with local speech and with a vendor's."""

import pytest

from ops.bench.stage import free_port
from ops.bench.voice_caller import talk
from ops.bench.voice_house import opened
from ops.bench.voice_speakers import PHRASES, synthetic
from ops.bench.voice_vendor import vendor


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_what_is_said_reaches_the_ledger_and_its_answer_the_caller() -> None:
    clips = synthetic(PHRASES[:1])
    async with opened() as house:
        (who,) = await house.residents(1)
        async with house.gateway() as at:
            found = await talk(house, at, who, clips)
            assert (found.unanswered, found.split) == (0, 0)
            assert found.wrong <= 1
            assert len(found.waits_s) == 1
            figures = await at.figures()
            assert figures["cos_voice_to_voice_seconds_count"] >= 1
        (task,) = (await house.ops.list_tasks(origin="main")).items
        assert "plumber" in task.title.lower()
        async with vendor(house.home, free_port()) as led, house.gateway(**led) as at:
            found = await talk(house, at, who, clips)
            assert found.unanswered == 0
            assert not any("vendor_errors" in name for name in await at.figures() if "created" not in name)
