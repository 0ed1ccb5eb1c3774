"""A large model over the wire: the OpenAI protocol, which most vendors and own servers speak."""

import pytest
from pydantic import SecretStr

from agentops import AgentOpsClient
from brain.models import ModelChoice, build
from brain.settings import ModelSettings
from gateway.session.turns import Attachment
from tests.integration.brain.conftest import MakeChief
from tests.integration.brain.openai_server import OpenAIServer, openai_server, tool_call, words
from tests.talking import Person

pytestmark = pytest.mark.usefixtures("closed_clients")


def own_model(server: OpenAIServer) -> object:
    settings = ModelSettings.model_validate(
        {"openai_base_url": server.url, "openai_api_key": SecretStr("k-1")}
    )
    return build(ModelChoice("openai", "own"), settings)


async def test_a_tool_call_and_streamed_words(
    make_chief: MakeChief, ops: AgentOpsClient, csv: Attachment
) -> None:
    call = tool_call("create_task", {"title": "Analyse sales.csv", "attachments": [csv.artifact_id]})
    async with openai_server(call, words("Created task 1 for you.")) as server:
        person = Person(make_chief(own_model(server)))
        reply = await person.says("look at my numbers", csv)

    assert [task.title for task in (await ops.list_tasks()).items] == ["Analyse sales.csv"]
    assert reply.text == "Created task 1 for you."
    assert [action.type for action in reply.actions] == ["task.created"]
    assert person.chunks == ["Created task 1 for you. "]
    assert server.keys == ["Bearer k-1"] * 2


async def test_the_model_is_told_the_rules_the_tools_the_files_and_the_rows(
    make_chief: MakeChief, csv: Attachment
) -> None:
    async with openai_server(tool_call("query_tasks", {"view": "overview"}), words("Quiet.")) as server:
        await Person(make_chief(own_model(server))).says("anything new?", csv)

    first, second = server.requests
    assert first["stream"] is True
    assert first["messages"][0] == {"role": "system", "content": "Be brief."}
    assert "<context>" in str(first["messages"][1])
    assert csv.artifact_id in str(first["messages"][1])
    offered = {tool["function"]["name"] for tool in first["tools"]}
    assert {"create_project", "create_task", "plan", "query_tasks", "confirm", "remind"} <= offered
    assert second["messages"][-1]["role"] == "tool"
    assert "overview" in second["messages"][-1]["content"]


async def test_earlier_turns_are_told_again_after_a_restart(make_chief: MakeChief) -> None:
    async with openai_server(words("Nice to meet you, Ann."), words("You are Ann.")) as server:
        await Person(make_chief(own_model(server))).says("my name is Ann")
        await Person(make_chief(own_model(server))).says("who am I?")

    told = [message["role"] for message in server.requests[1]["messages"]]
    assert told == ["system", "user", "assistant", "user"]
    assert "my name is Ann" in str(server.requests[1]["messages"][1])


async def test_a_server_that_fails_is_told_honestly(make_chief: MakeChief, ops: AgentOpsClient) -> None:
    async with openai_server(401, 401) as server:
        reply = await Person(make_chief(own_model(server))).says("have the fence painted")

    assert "did not answer" in reply.text
    assert not (await ops.list_tasks()).items
