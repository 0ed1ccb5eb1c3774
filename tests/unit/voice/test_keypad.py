"""Keys gathered into entries."""

import asyncio

import pytest

from voice.pipeline.keypad import Keypad


@pytest.mark.parametrize(
    ("keys", "entry"), [("4711#", "4711"), ("47*11#", "11"), ("#", ""), ("1" * 40, "1" * 32)]
)
async def test_an_entry_ends_at_the_hash_or_when_it_is_too_long(keys: str, entry: str) -> None:
    typed: asyncio.Queue[str] = asyncio.Queue()
    keypad = Keypad(60, typed.put)
    for key in keys:
        keypad.press(key)
        await asyncio.sleep(0)
    async with asyncio.timeout(10):
        assert await typed.get() == entry
    keypad.forget()


async def test_a_pause_ends_an_entry_too() -> None:
    typed: asyncio.Queue[str] = asyncio.Queue()
    keypad = Keypad(0.01, typed.put)
    keypad.press("7")
    async with asyncio.timeout(10):
        assert await typed.get() == "7"
