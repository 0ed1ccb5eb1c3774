"""A telephone before a whole system: its settings, and a caller who speaks and understands."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ops.phone_calls import Network, incoming
from ops.phone_line import FarEnd
from tests.acceptance.stack import Stack
from tests.integration.gateway_phone.conftest import ACCOUNT, ADA, OURS, PUBLIC, TOKEN

SETTINGS = {
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": TOKEN,
    "TWILIO_PHONE_NUMBER": OURS,
    "TWILIO_API_BASE": "http://127.0.0.1:9",
    "PHONE_PUBLIC_URL": PUBLIC,
    "PHONE_OWNER_NUMBERS": ADA,
    "PHONE_PIN_WHEN": "unattested",
    "PHONE_DRAIN_S": "1",
}
"""Of a telephone that nothing outside this machine is asked for."""


@asynccontextmanager
async def calling(stack: Stack) -> AsyncIterator[FarEnd]:
    """A call of the owner's that was greeted; once the engines are loaded."""
    network = Network(account_sid=ACCOUNT, auth_token=TOKEN, public_url=PUBLIC, gateway=stack.gateway)
    async with asyncio.timeout(120):
        while True:
            call = incoming(ADA, OURS)
            told = await network.ring(call)
            if told.token:
                break
    async with network.connected(told, call["CallSid"]) as far:
        await far.until_it_spoke(after_s=0)
        yield far
