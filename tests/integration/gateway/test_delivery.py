"""Delivery to a channel that refuses, hangs and dies, on a real Redis."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec
from redis.asyncio import Redis

from gateway.delivery.courier import Courier
from gateway.outbound import Outgoing, PartSent, RetryLater, Undeliverable
from gateway.session.deliveries import deliveries_of
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.turns import Turn
from tests.conformance.turns import a_notice, a_reply, a_turn
from tests.waiting import eventually


@dataclass
class Platform:
    """A channel whose messages are cut into one part a word; `trouble` is met before a part goes out."""

    name: str = "telegram"
    trouble: list[BaseException | None] = field(default_factory=list)
    got: list[tuple[str, str]] = field(default_factory=list)
    seen: list[Outgoing] = field(default_factory=list)

    async def deliver(self, address: str, outgoing: Outgoing, sent: PartSent) -> None:
        self.seen.append(outgoing)
        for word in outgoing.text.split()[outgoing.parts_sent :]:
            trouble = self.trouble.pop(0) if self.trouble else None
            if trouble is not None:
                raise trouble
            self.got.append((address, word))
            await sent()

    @property
    def words(self) -> list[str]:
        return [word for _, word in self.got]


@asynccontextmanager
async def delivering(
    redis: Redis, platform: Platform, *, lease_s: float = 30, give_up_after_s: float = 3600
) -> AsyncIterator[None]:
    courier = Courier(redis, platform, name="test", lease_s=lease_s, give_up_after_s=give_up_after_s)
    await courier.announce()
    task = asyncio.create_task(courier.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def heard_from(stream: RedisSessionStream, address: str, *, session: str = "main") -> Turn:
    """A turn from Telegram, taken and about to be answered."""
    turn = a_turn(channel="telegram", address=address, session=session)
    await stream.append(turn)
    return turn


async def answered(stream: RedisSessionStream, turn: Turn, text: str) -> None:
    held = await stream.acquire("brain")
    assert held is not None
    assert held.session_id == turn.session_id
    await held.next_turn()
    await held.answer(a_reply(turn, text))
    await held.release()


async def state(redis: Redis, cause: str, address: str = "7") -> bytes | None:
    return await redis.hget(f"cos:delivery:{cause}@to:telegram:{address}", "state")  # type: ignore[return-value]


async def test_a_reply_goes_to_where_its_turn_came_from(redis: Redis, stream: RedisSessionStream) -> None:
    platform = Platform()
    async with delivering(redis, platform):
        turn = await heard_from(stream, "7")
        await answered(stream, turn, "all done")
        await eventually(lambda: platform.got == [("7", "all"), ("7", "done")])
        await eventually(lambda: _is(redis, f"reply-{turn.id}", b"delivered"))
    assert (platform.seen[0].turn_id, platform.seen[0].possible_repeat) == (turn.id, False)


async def _is(redis: Redis, cause: str, wanted: bytes) -> bool:
    return await state(redis, cause) == wanted


async def test_a_notice_goes_to_the_channel_that_spoke_last(redis: Redis, stream: RedisSessionStream) -> None:
    platform = Platform()
    async with delivering(redis, platform):
        await heard_from(stream, "7")
        await stream.notify(a_notice("first", text="telegram"))
        await stream.append(a_turn(channel="web", address="main"))
        await stream.notify(a_notice("second", text="browser"))
        await heard_from(stream, "8")
        await stream.notify(a_notice("third", text="elsewhere"))
        await eventually(lambda: len(platform.got) >= 2)
    assert platform.got == [("7", "telegram"), ("8", "elsewhere")]


async def test_what_is_said_to_a_browser_is_not_kept_for_delivery(
    redis: Redis, stream: RedisSessionStream
) -> None:
    turn = a_turn(channel="web", address="main")
    await stream.append(turn)
    await answered(stream, turn, "seen by the listener")
    assert [key async for key in redis.scan_iter("cos:mail:to:*")] == []


async def test_a_message_waits_for_a_gateway_that_was_away(redis: Redis, stream: RedisSessionStream) -> None:
    async with delivering(redis, Platform()):
        turn = await heard_from(stream, "7")
    await answered(stream, turn, "late")
    platform = Platform()
    async with delivering(redis, platform):
        await eventually(lambda: platform.words == ["late"])


async def test_a_refused_part_is_sent_again_after_the_wait_and_the_sent_ones_are_not(
    redis: Redis, stream: RedisSessionStream
) -> None:
    platform = Platform(trouble=[None, RetryLater(0.3)])
    loop = asyncio.get_running_loop()
    async with delivering(redis, platform):
        turn = await heard_from(stream, "7")
        await answered(stream, turn, "one two three")
        await eventually(lambda: platform.words == ["one"])
        began = loop.time()
        await eventually(lambda: _is(redis, f"reply-{turn.id}", b"pending"))
        await eventually(lambda: platform.words == ["one", "two", "three"])
    assert loop.time() - began > 0.2
    assert (platform.seen[1].parts_sent, platform.seen[1].possible_repeat) == (1, False)


async def test_messages_to_one_recipient_keep_their_order_while_others_go_on(
    redis: Redis, stream: RedisSessionStream
) -> None:
    platform = Platform(trouble=[RetryLater(0.3)])
    async with delivering(redis, platform):
        await heard_from(stream, "7", session="a")
        await stream.notify(a_notice("n1", session="a", text="first"))
        await stream.notify(a_notice("n2", session="a", text="second"))
        await eventually(lambda: platform.seen)
        await heard_from(stream, "8", session="b")
        await stream.notify(a_notice("n3", session="b", text="other"))
        await eventually(lambda: len(platform.got) == 3)
    assert platform.got == [("8", "other"), ("7", "first"), ("7", "second")]


async def test_an_undeliverable_message_is_failed_and_the_next_one_goes_out(
    redis: Redis, stream: RedisSessionStream
) -> None:
    platform = Platform(trouble=[Undeliverable("the person blocked the bot")])
    async with delivering(redis, platform):
        await heard_from(stream, "7")
        await stream.notify(a_notice("n1", text="never"))
        await stream.notify(a_notice("n2", text="next"))
        await eventually(lambda: platform.words == ["next"])
    assert await state(redis, "n1") == b"failed"


async def test_a_gateway_that_died_while_sending_leaves_a_possible_repeat(
    redis: Redis, stream: RedisSessionStream
) -> None:
    class Stuck(Platform):
        async def deliver(self, address: str, outgoing: Outgoing, sent: PartSent) -> None:
            self.got.append((address, "one"))
            await sent()
            self.got.append((address, "two"))
            await asyncio.sleep(3600)

    stuck = Stuck()
    async with delivering(redis, stuck):
        await heard_from(stream, "7")
        await stream.notify(a_notice("n1", text="one two"))
        await eventually(lambda: stuck.words == ["one", "two"])
    platform = Platform()
    async with delivering(redis, platform):
        await eventually(lambda: platform.words == ["two"])
        await eventually(lambda: _is(redis, "n1", b"delivered"))
    assert (platform.seen[0].parts_sent, platform.seen[0].possible_repeat) == (1, True)


async def test_an_unexpected_failure_is_tried_again_as_a_possible_repeat(
    redis: Redis, stream: RedisSessionStream
) -> None:
    platform = Platform(trouble=[RuntimeError("the line went dead")])
    async with delivering(redis, platform):
        await heard_from(stream, "7")
        await stream.notify(a_notice("n1", text="word"))
        await eventually(lambda: platform.words == ["word"])
    assert [one.possible_repeat for one in platform.seen] == [False, True]


async def test_two_gateways_deliver_each_message_once(redis: Redis, stream: RedisSessionStream) -> None:
    platform = Platform()

    async def emptied() -> bool:
        return not await redis.exists("cos:mail:to:telegram:7")

    async with delivering(redis, platform), delivering(redis, platform):
        await heard_from(stream, "7")
        for number in range(40):
            await stream.notify(a_notice(f"n{number}", text=str(number)))
        await eventually(lambda: len(platform.got) == 40)
        await eventually(emptied)
    assert platform.words == [str(number) for number in range(40)]


async def test_a_part_whose_answer_was_lost_is_sent_again_as_a_possible_repeat(
    redis: Redis, stream: RedisSessionStream
) -> None:
    platform = Platform(trouble=[RetryLater(0.05, perhaps_sent=True)])
    async with delivering(redis, platform):
        await heard_from(stream, "7")
        await stream.notify(a_notice("n1", text="word"))
        await eventually(lambda: platform.words == ["word"])
    assert [one.possible_repeat for one in platform.seen] == [False, True]


async def test_a_doubt_outlives_a_refusal_in_the_next_try(redis: Redis, stream: RedisSessionStream) -> None:
    lost, refused = RetryLater(0.05, perhaps_sent=True), RetryLater(0.05)
    platform = Platform(trouble=[lost, refused, None, refused])
    async with delivering(redis, platform):
        await heard_from(stream, "7")
        await stream.notify(a_notice("n1", text="two words"))
        await eventually(lambda: platform.words == ["two", "words"])
    doubts = [(one.parts_sent, one.possible_repeat) for one in platform.seen]
    assert doubts == [(0, False), (0, True), (0, True), (1, False)], "the doubt was about the first word"


async def test_what_cannot_be_delivered_for_too_long_is_given_up_and_the_next_one_goes_out(
    redis: Redis, stream: RedisSessionStream
) -> None:
    platform = Platform(trouble=[RetryLater(0.05) for _ in range(3)])
    async with delivering(redis, platform, give_up_after_s=0.1):
        await heard_from(stream, "7")
        await stream.notify(a_notice("n1", text="never"))
        await eventually(lambda: _is(redis, "n1", b"failed"))
        platform.trouble.clear()
        await stream.notify(a_notice("n2", text="next"))
        await eventually(lambda: platform.words == ["next"])
    [given_up] = await deliveries_of(redis, "n1")
    assert (given_up.state, given_up.channel, given_up.address) == ("failed", "telegram", "7")
    assert given_up.reason.startswith("tried for ")


async def test_the_state_of_a_delivery_can_be_looked_up_by_what_caused_it(
    redis: Redis, stream: RedisSessionStream
) -> None:
    platform = Platform(trouble=[None, RetryLater(3600, "flood control")])
    async with delivering(redis, platform):
        await heard_from(stream, "7")
        await stream.notify(a_notice("n1", text="one two"))
        await eventually(lambda: _is(redis, "n1", b"pending") if platform.words else False)
    [waiting] = await deliveries_of(redis, "n1")
    assert (waiting.state, waiting.parts_sent, waiting.reason) == ("pending", 1, "flood control")
    assert await deliveries_of(redis, "never said") == []


async def test_only_a_notice_that_may_ring_rings_and_its_link_comes_with_it(
    redis: Redis, stream: RedisSessionStream
) -> None:
    platform = Platform()
    quiet = msgspec.structs.replace(a_notice("n1", text="quiet"), url="https://cos.example/tasks/1")
    async with delivering(redis, platform):
        turn = await heard_from(stream, "7")
        await stream.notify(quiet)
        await stream.notify(msgspec.structs.replace(a_notice("n2", text="loud"), ring=True))
        await answered(stream, turn, "reply")
        await eventually(lambda: len(platform.seen) == 3)
    assert {one.text: one.silent for one in platform.seen} == {
        "quiet\nhttps://cos.example/tasks/1": True,
        "loud": False,
        "reply": False,
    }


async def test_a_notice_with_a_channel_of_its_own_goes_there(
    redis: Redis, stream: RedisSessionStream
) -> None:
    platform = Platform()
    async with delivering(redis, platform):
        await heard_from(stream, "7")
        await stream.append(a_turn(channel="web", address="main"))
        await stream.notify(msgspec.structs.replace(a_notice("n1", text="one"), channel="telegram"))
        to = msgspec.structs.replace(a_notice("n2", text="two"), channel="telegram", address="9")
        await stream.notify(to)
        await eventually(lambda: len(platform.got) == 2)
    assert sorted(platform.got) == [("7", "one"), ("9", "two")]
