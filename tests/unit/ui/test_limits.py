"""How often one may try to sign in."""

from ui.limits import AttemptLimit


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_eleventh_try_in_a_minute_waits() -> None:
    limit = AttemptLimit(10, 60, clock=Clock())
    assert [limit.wait_s("a") for _ in range(10)] == [0] * 10
    assert 0 < limit.wait_s("a") <= 6


def test_a_good_attempt_does_not_count() -> None:
    limit = AttemptLimit(1, 60, clock=Clock())
    for _ in range(20):
        assert limit.wait_s("a") == 0
        limit.forgive("a")


def test_another_caller_does_not_wait() -> None:
    limit = AttemptLimit(1, 60, clock=Clock())
    limit.wait_s("a")
    assert limit.wait_s("a") > 0
    assert limit.wait_s("b") == 0


def test_waiting_helps() -> None:
    clock = Clock()
    limit = AttemptLimit(1, 60, clock=clock)
    limit.wait_s("a")
    clock.now += 60
    assert limit.wait_s("a") == 0


def test_a_flood_of_callers_takes_bounded_memory() -> None:
    limit = AttemptLimit(1, 60, max_callers=3, clock=Clock())
    for caller in range(100):
        limit.wait_s(str(caller))
    assert len(limit._buckets) == 3
