"""The benchmark of the conversation runs and says what it measured."""

from ops.bench.conversation import run


async def test_a_short_run_measures_every_stretch_of_the_way() -> None:
    said: list[str] = []
    figures = await run(chats=3, turns_each=3, pause_s=0.01, say=said.append)
    assert (figures.chats, figures.turns) == (3, 9)
    assert 0 < figures.append.p50_ms <= figures.to_handler.max_ms
    assert figures.to_channel.p50_ms > 0
    assert len(said) == 4
