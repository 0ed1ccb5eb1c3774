"""`cos phone setup` and what calls cost, over Twilio's API on this machine."""

from collections.abc import AsyncIterator

import pytest

from agentops import AgentOpsClient
from agentops.wire import UsageGroup
from gateway.phone.costs import Costs
from gateway.phone.errors import TwilioRefused
from gateway.phone.rest import open_rest
from gateway.phone.settings import PhoneSettings
from gateway.session.memos import MemoryMemos
from ops import phone_numbers as numbers
from ops.errors import PhoneUnusable
from tests.integration.gateway_phone.conftest import ACCOUNT, ADA, OURS, PUBLIC, TOKEN, phone_settings
from tests.twilioapi import TwilioServer

FOR_SALE = "+14155550102"


@pytest.fixture
async def twilio() -> AsyncIterator[TwilioServer]:
    async with TwilioServer(ACCOUNT, TOKEN, OURS) as server:
        yield server


@pytest.fixture
def settings(twilio: TwilioServer) -> PhoneSettings:
    return phone_settings(api_base=twilio.base)


async def test_numbers_are_listed_bought_and_lead_here(twilio: TwilioServer, settings: PhoneSettings) -> None:
    assert [(one.number, one.leads_to) for one in await numbers.owned(settings)] == [(OURS, "")]
    offers = await numbers.offered(settings, "US")
    assert FOR_SALE in [offer.number for offer in offers]
    assert offers[0].where == "San Francisco CA"
    assert await numbers.buy(settings, FOR_SALE) == FOR_SALE
    assert await numbers.lead_here(settings, OURS) == f"{PUBLIC}/phone/voice"
    assert {one.number: one.leads_to for one in await numbers.owned(settings)} == {
        OURS: f"{PUBLIC}/phone/voice",
        FOR_SALE: f"{PUBLIC}/phone/voice",
    }


async def test_what_twilio_refuses_is_told_without_the_secret(
    twilio: TwilioServer, settings: PhoneSettings
) -> None:
    wrong = phone_settings(api_base=twilio.base, auth_token="a wrong secret")
    for refused in (
        numbers.owned(wrong),
        numbers.offered(settings, "XX"),
        numbers.buy(settings, OURS),
        numbers.lead_here(settings, "+14155559999"),
        numbers.lead_here(phone_settings(api_base=twilio.base, public_url="http://127.0.0.1:1"), OURS),
        numbers.owned(phone_settings(account_sid="", auth_token=None)),
    ):
        with pytest.raises(PhoneUnusable) as told:
            await refused
        assert "secret" not in str(told.value)
        assert len(str(told.value)) > 20


async def test_a_server_that_is_away_is_said_to_be(settings: PhoneSettings) -> None:
    async with open_rest(phone_settings(api_base="http://127.0.0.1:9")) as rest:
        with pytest.raises(TwilioRefused, match="does not answer") as refused:
            await rest.place(ADA, taken=f"{PUBLIC}/a", status=f"{PUBLIC}/b", machine=f"{PUBLIC}/c")
    assert refused.value.perhaps_done


async def test_the_price_of_a_call_is_written_down_once_it_is_known(
    twilio: TwilioServer, settings: PhoneSettings, ops: AgentOpsClient
) -> None:
    costs = Costs(MemoryMemos(), ops)
    async with open_rest(settings) as rest:
        sid = await rest.place(ADA, taken=f"{PUBLIC}/a", status=f"{PUBLIC}/b", machine=f"{PUBLIC}/c")
        await costs.owe(sid, "main")
        await costs.settle(rest)
        assert await ops.sum_usage(UsageGroup.SESSION) == []
        twilio.calls[sid].price = "-0.0085"
        await costs.settle(rest)
        await costs.owe(sid, "main")
        await costs.settle(rest)
    [used] = await ops.sum_usage(UsageGroup.SESSION)
    assert (used.group, used.money) == ("main", 8_500)
