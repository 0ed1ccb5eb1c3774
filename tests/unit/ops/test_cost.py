"""What is put on the bill: each one's share, without what the machine would have used anyway."""

from ops.bench.cost import Meter


def test_the_price_of_one_is_what_was_used_more_for_each() -> None:
    before = Meter(cpu_s={"chief": 1.0, "ui": 2.0}, database=1_000, wal=500, redis=100)
    after = Meter(cpu_s={"chief": 2.5, "ui": 2.0}, database=5_000, wal=2_500, redis=300)
    spent = after.since(before, "a question", 10, {"chief": 0.5, "ui": 0.1})
    assert spent.cpu_ms == {"chief": 100.0, "ui": 0.0}
    assert (spent.postgres_bytes, spent.wal_bytes, spent.redis_bytes) == (400, 200, 20)
    assert spent.told() == (
        "a question: 100.0 ms of processor (chief 100.0); "
        "PostgreSQL +0.4 kB, written ahead 0.2 kB, Redis +0.0 kB"
    )
