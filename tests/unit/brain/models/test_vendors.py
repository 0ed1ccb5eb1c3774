"""Each provider over the wire: streams, tool calls, and every fault; what the person hears is true."""

import asyncio
from contextlib import aclosing

import pytest

from brain.models import mind
from brain.models.steady import SteadyModel
from tests.modelapi import Breaks, Calls, Hangs, Refuses, Says, serving
from tests.unit.brain.models.vendors import KEY, VENDORS, Vendor, person_with, settings_for

pytestmark = [
    # google-genai derives from aiohttp's session.
    pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning"),
    pytest.mark.usefixtures("closed_clients"),
]
every_vendor = pytest.mark.parametrize("vendor", VENDORS, ids=str)
# OpenRouter and Groq are reached by the same client as OpenAI: once over the wire is enough for them.
every_client = pytest.mark.parametrize(
    "vendor", [one for one in VENDORS if one.name not in ("openrouter", "groq")], ids=str
)
CREATE = Calls("create_task", {"title": "Paint the fence", "description": "All of it, in green."})
WISH = "have the fence painted in green, all of it"


@every_vendor
async def test_a_tool_is_called_and_words_come_one_by_one(vendor: Vendor) -> None:
    async with (
        serving(vendor.dialect, CREATE, Says("Created task 1 for you. It is waiting to start.")) as api,
        person_with(settings_for(vendor, api)) as person,
    ):
        reply = await person.says(WISH)

        assert await person.titles() == ["Paint the fence"]
        assert reply.text == "Created task 1 for you. It is waiting to start."
        assert "".join(person.chunks).strip() == reply.text
        assert len(person.chunks) > 1
        assert len(api.requests) == 2
        if vendor.has_key:
            assert all(KEY in key for key in api.keys)


# Strands makes a client for each call to Ollama, which is near.
@pytest.mark.parametrize(
    "vendor", [one for one in VENDORS if one.name not in ("openrouter", "groq", "ollama")], ids=str
)
async def test_calls_share_a_connection(vendor: Vendor) -> None:
    async with (
        serving(vendor.dialect, CREATE, Says("Created it."), Says("Hello.")) as api,
        person_with(settings_for(vendor, api)) as person,
    ):
        await person.says(WISH)
        await person.says("hi")
        assert len(api.requests) == 3
        assert len(api.callers) == 1


@pytest.mark.parametrize(
    "vendor", [one for one in VENDORS if one.name in ("anthropic", "openai", "ollama")], ids=str
)
async def test_an_answer_that_is_left_in_the_middle_is_ended(vendor: Vendor) -> None:
    async with serving(vendor.dialect, Hangs(after=Says("This answer would go on for long."))) as api:
        model = mind(settings_for(vendor, api)).model
        assert isinstance(model, SteadyModel)
        async with aclosing(model.stream([{"role": "user", "content": [{"text": "hi"}]}])) as events:
            async for event in events:
                if "contentBlockDelta" in event:
                    break
            assert not api.gone.is_set()
        await asyncio.wait_for(api.gone.wait(), 10)


async def test_an_answer_whose_connection_does_not_end_it_is_ended() -> None:
    vendor = next(one for one in VENDORS if one.name == "openai")
    async with (
        serving(vendor.dialect, Hangs(after=Says("Hello."), whole=True)) as api,
        person_with(settings_for(vendor, api)) as person,
    ):
        assert (await person.says("hi")).text == "Hello."
        await asyncio.wait_for(api.gone.wait(), 10)


@every_client
@pytest.mark.parametrize("status", [429, 500])
async def test_a_fault_that_passes_is_not_noticed(vendor: Vendor, status: int) -> None:
    async with (
        serving(vendor.dialect, Refuses(status), Says("Hello.")) as api,
        person_with(settings_for(vendor, api)) as person,
    ):
        assert (await person.says("hi")).text == "Hello."


@every_client
@pytest.mark.parametrize("status", [429, 500])
async def test_a_fault_that_stays_is_told_and_nothing_is_done(vendor: Vendor, status: int) -> None:
    async with (
        serving(vendor.dialect, Refuses(status)) as api,
        person_with(settings_for(vendor, api, model_tries=2)) as person,
    ):
        reply = await person.says(WISH)

        assert f"({vendor.name}:m)" in reply.text
        assert "Nothing was created or changed" in reply.text
        assert ("more requests than it takes" in reply.text) is (status == 429)
        assert len(api.requests) == 2
        assert not await person.titles()


@every_client
async def test_a_refused_key_is_told_at_once_and_never_shown(
    vendor: Vendor, capsys: pytest.CaptureFixture[str]
) -> None:
    async with (
        serving(vendor.dialect, Refuses(401)) as api,
        person_with(settings_for(vendor, api)) as person,
    ):
        reply = await person.says("hi")

        assert "does not accept my key" in reply.text
        assert len(api.requests) == 1
    logged = "".join(capsys.readouterr())
    assert "model.call_failed" in logged
    assert KEY not in logged + reply.text


@every_client
async def test_a_stream_that_breaks_off_in_words_is_said_once_more(vendor: Vendor) -> None:
    whole = Says("All is well, and nothing waits for you. Enjoy the day.")
    async with (
        serving(vendor.dialect, Breaks(whole), whole) as api,
        person_with(settings_for(vendor, api)) as person,
    ):
        reply = await person.says("how are things?")

        assert reply.text.endswith(whole.text)
        assert ("I was cut off" in reply.text) is (reply.text != whole.text)


@every_client
async def test_a_stream_that_breaks_off_in_a_tool_call_does_it_once(vendor: Vendor) -> None:
    async with (
        serving(vendor.dialect, Breaks(CREATE), CREATE, Says("Created task 1.")) as api,
        person_with(settings_for(vendor, api)) as person,
    ):
        await person.says(WISH)

        assert await person.titles() == ["Paint the fence"]


@pytest.mark.parametrize("vendor", [one for one in VENDORS if one.dialect.pieces], ids=str)
async def test_a_tool_call_that_cannot_be_read_is_not_made(vendor: Vendor) -> None:
    broken = Calls("pause_all", {"reason": "The person asked for it."}, broken=True)
    async with (
        serving(vendor.dialect, broken) as api,
        person_with(settings_for(vendor, api, model_tries=2)) as person,
    ):
        reply = await person.says("stop everything")

        assert "makes no sense; I did not act on it" in reply.text
        assert "Nothing was created or changed" in reply.text
        assert len(api.requests) == 2


@pytest.mark.parametrize(
    "vendor", [one for one in VENDORS if one.name in ("openai", "gemini", "bedrock")], ids=str
)
async def test_a_model_that_says_nothing_is_given_up_and_the_next_one_answers(vendor: Vendor) -> None:
    following = next(one for one in VENDORS if one.name != vendor.name and one.dialect != vendor.dialect)
    async with (
        serving(vendor.dialect, Hangs()) as silent,
        serving(following.dialect, Says("Here I am.")) as api,
    ):
        both = vendor.settings(silent.url) | following.settings(api.url)
        chosen = settings_for(
            vendor, silent, **both, fallback_models=f"{following.name}:m", model_silence_s=3, model_tries=1
        )
        async with person_with(chosen) as person:
            assert (await person.says("hi")).text == "Here I am."
            # Who failed lately is not asked first again.
            await person.says("and now?")
            assert len(silent.requests) == 1
