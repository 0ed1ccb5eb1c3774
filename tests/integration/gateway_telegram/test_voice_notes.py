"""Voice notes in both directions, with real speech and a real ledger."""

import asyncio
from collections.abc import Iterator
from functools import partial

import pytest

from agentops.wire import NewTask
from gateway.outbound import Outgoing
from gateway.telegram.voicenotes import NO_EARS, NOTHING_HEARD, OpenSpeech
from tests.botapi import Sent
from tests.integration.gateway_telegram.conftest import Desk
from tests.waiting import eventually
from voice.notes import speak, transcribe
from voice.settings import VoiceSettings
from voice.speech import Speech, open_speech

SAID = "Please water the plants in the kitchen."


@pytest.fixture(scope="module")
def engines() -> Iterator[Speech]:
    """Loaded once; they work in threads of their own, for whichever loop asks."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        opening = open_speech(VoiceSettings())
        yield runner.run(opening.__aenter__())
        runner.run(opening.__aexit__(None, None, None))


@pytest.fixture
def speech(engines: Speech) -> OpenSpeech:
    async def ready() -> Speech:
        return engines

    return ready


async def no_more() -> None:
    pass


def is_transcript(sent: Sent) -> bool:
    return "I heard" in sent.text


def plants(text: str) -> bool:
    return "water the plants in the kitchen" in text.casefold()


async def test_a_voice_note_is_a_message_and_its_author_sees_what_was_heard(
    desk_with_ledger: Desk, engines: Speech
) -> None:
    desk = desk_with_ledger
    async with desk.running():
        await desk.owner.sends_voice(await speak(SAID, engines))
        shown = await desk.telegram.wait_for(is_transcript, timeout_s=30)
        turn = await desk.turn()
    assert plants(shown.text)
    assert plants(turn.text)
    assert turn.attachments == ()


async def test_names_that_the_ledger_has_are_listened_for(desk_with_ledger: Desk, engines: Speech) -> None:
    desk = desk_with_ledger
    await desk.ops.create_task(NewTask(title="Gupta interview"))
    async with desk.running():
        await desk.owner.sends_voice(await speak("What do you know about Gupta?", engines))
        shown = await desk.telegram.wait_for(is_transcript, timeout_s=30)
    assert "Gupta" in shown.text


async def test_on_wish_a_voice_note_is_answered_in_words_and_aloud(
    desk_with_ledger: Desk, engines: Speech
) -> None:
    desk = desk_with_ledger
    async with desk.running():
        await desk.owner.says("/voice on")
        await desk.telegram.wait_for(lambda sent: "in words and aloud" in sent.text)
        await desk.owner.sends_voice(await speak(SAID, engines))
        await desk.telegram.wait_for(is_transcript, timeout_s=30)
        turn = await desk.turn()
        answer = Outgoing(
            id="r1", session_id=turn.session_id, kind="reply", text="I created the **task**.", turn_id=turn.id
        )
        await desk.channel.deliver(turn.address, answer, no_more)
    written, aloud = desk.telegram.sent[-2:]
    assert written.text == "I created the task."
    assert aloud.method == "sendVoice"
    assert "created the task" in (await transcribe(aloud.files[0].content, engines)).text.casefold()


async def test_without_the_wish_the_answer_is_only_written(desk_with_ledger: Desk, engines: Speech) -> None:
    desk = desk_with_ledger
    async with desk.running():
        await desk.owner.sends_voice(await speak(SAID, engines))
        await desk.telegram.wait_for(is_transcript, timeout_s=30)
        turn = await desk.turn()
        answer = Outgoing(id="r1", session_id=turn.session_id, kind="reply", text="Done.", turn_id=turn.id)
        await desk.channel.deliver(turn.address, answer, no_more)
    assert desk.telegram.sent[-1].text == "Done."


@pytest.mark.parametrize("recording", ["silence", "garbage"])
async def test_what_cannot_be_heard_is_said_and_makes_no_turn(
    desk_with_ledger: Desk, engines: Speech, recording: str
) -> None:
    desk = desk_with_ledger
    content = await asyncio.to_thread(_silence) if recording == "silence" else b"OggS and nothing behind it"
    async with desk.running():
        await desk.owner.sends_voice(content)
        said = await eventually(partial(_first, desk), timeout_s=30)
    assert not is_transcript(said)
    assert said.text == NOTHING_HEARD or "recording" in said.text
    await desk.no_turn()


async def test_where_there_is_no_speech_the_person_is_asked_to_write(desk: Desk) -> None:
    async with desk.running():
        await desk.owner.sends_voice(b"OggS")
        said = await eventually(partial(_first, desk))
    assert said.text == NO_EARS


def _first(desk: Desk) -> Sent:
    assert desk.telegram.sent
    return desk.telegram.sent[0]


def _silence() -> bytes:
    import numpy as np

    from voice.notes import _encoded

    return _encoded([np.zeros(48_000 * 2, dtype=np.float32)])
