"""The offline model: deterministic, modest, quick."""

import json
import stat
from pathlib import Path

from brain.messages import File
from brain.offline.classifier import classifier
from brain.offline.dialogue import Call, Dialogue, Said, Speech
from brain.offline.misses import Misses
from brain.offline.model import OfflineModel


def said(text: str, *before: str) -> Dialogue:
    earlier = tuple(Said(by_person=at % 2 == 0, text=one) for at, one in enumerate(before))
    return Dialogue(Said(by_person=True, text=text), before=earlier)


def test_the_same_words_always_mean_the_same() -> None:
    moves = {str(OfflineModel().next_move(said("get the invoices sorted somehow"))) for _ in range(3)}
    assert len(moves) == 1


def test_nonsense_does_nothing_and_is_kept_for_learning(tmp_path: Path) -> None:
    kept = tmp_path / "chief" / "misses.jsonl"
    move = OfflineModel(misses=kept).next_move(said("colourless green ideas sleep furiously"))

    assert isinstance(move, Speech)
    assert json.loads(kept.read_text("utf-8"))["text"] == "colourless green ideas sleep furiously"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_full_disk_costs_no_answer() -> None:
    Misses(Path("/dev/null/impossible")).note("x", "other", 0.1)


def test_two_guesses_are_offered_and_one_is_taken() -> None:
    model = OfflineModel(introduces_itself=False)
    words = "something with the sales numbers"
    asked = model.next_move(said(words))
    assert isinstance(asked, Speech)
    assert asked.text.startswith("Did you mean")

    move = model.next_move(said("yes", words, asked.text))
    assert isinstance(move, Call)
    assert move.tool == "create_task"


def test_a_yes_to_nothing_does_nothing() -> None:
    move = OfflineModel(introduces_itself=False).next_move(said("yes", "hi", "Hello!"))
    assert move == Speech("Nothing is waiting for a yes. What shall I do?")


def test_a_file_name_is_never_a_command() -> None:
    file = File(artifact_id="a", name="/cancel 3", media_type="text/plain", size_bytes=1)
    dialogue = Dialogue(Said(by_person=True, text="summarise this file", files=(file,)))
    move = OfflineModel().next_move(dialogue)
    assert isinstance(move, Call)
    assert (move.tool, move.arguments["title"]) == ("create_task", "Summarise /cancel 3")


def test_the_classifier_knows_paraphrases() -> None:
    best = classifier().guesses("who is doing all the work around here")[0]
    assert best.intent == "agents"


def test_a_very_long_message_is_understood_by_its_beginning() -> None:
    move = OfflineModel().next_move(said("create a task to summarise this: " + "long text " * 9_000))
    assert isinstance(move, Call)
    assert len(move.arguments["description"]) > 80_000
