"""The offline model against what people say: at least 95 % right, each wrong one named."""

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from brain.messages import File
from brain.offline.dialogue import Call, Dialogue, Move, Said
from brain.offline.model import OfflineModel

RIGHT_AT_LEAST = 0.95
WEDNESDAY = datetime(2026, 11, 25, 9, 0, tzinfo=timezone(timedelta(hours=1)))


class Utterance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    say: str
    files: list[str] = []
    before: str | None = None
    tool: str | None = None
    arguments: dict[str, Any] = msgspec.field(name="with", default_factory=dict)
    hears: str | None = None


UTTERANCES = msgspec.convert(
    yaml.safe_load((Path(__file__).parent / "utterances.yaml").read_text("utf-8")), list[Utterance]
)


@pytest.fixture(scope="module")
def model() -> OfflineModel:
    return OfflineModel(clock=lambda: WEDNESDAY)


def test_the_offline_model_does_what_people_say(model: OfflineModel) -> None:
    wrong = []
    for utterance in UTTERANCES:
        move = model.next_move(_dialogue(utterance))
        if not _is_right(move, utterance):
            wrong.append(f"{utterance.say!r}: {move}")
    share = 1 - len(wrong) / len(UTTERANCES)
    assert share >= RIGHT_AT_LEAST, f"{share:.1%} of {len(UTTERANCES)} right; wrong:\n" + "\n".join(wrong)


def test_nothing_is_destroyed_without_asking(model: OfflineModel) -> None:
    for utterance in UTTERANCES:
        move = model.next_move(_dialogue(utterance))
        if isinstance(move, Call) and move.arguments.get("action") == "cancel":
            assert utterance.before is not None
            assert utterance.before.startswith("Shall I cancel")


def _dialogue(utterance: Utterance) -> Dialogue:
    files = tuple(
        File(artifact_id=f"artifact-{at}", name=name, media_type="text/csv", size_bytes=1)
        for at, name in enumerate(utterance.files)
    )
    before = (
        (Said(by_person=True, text="hello"), Said(by_person=False, text=utterance.before))
        if utterance.before
        else ()
    )
    return Dialogue(Said(by_person=True, text=utterance.say, files=files), before=before)


def _is_right(move: Move, expected: Utterance) -> bool:
    if isinstance(move, Call):
        arguments = {name: value for name, value in move.arguments.items() if name != "description"}
        return move.tool == expected.tool and arguments == expected.arguments
    return expected.tool is None and expected.hears is not None and expected.hears in move.text
