"""Texts become summaries of their own sentences."""

# The punctuation of many scripts is the point here.
# ruff: noqa: RUF001

import json
from pathlib import Path
from typing import Any

import pytest
from text_summary.job import Text, asked_length, run, summarise
from text_summary.sentences import split, words
from text_summary.texts import paragraphs

HARBOUR = (
    "The harbour was rebuilt after the storm. The city paid for the harbour with a loan. "
    "Fishing boats returned to the harbour within a year. The weather was fine. "
    "The loan for the harbour was repaid by the city. A dog barked. "
    "Since then the harbour has paid for the schools of the city. My aunt likes tea. "
    "Nobody in the city expected the fishing boats to recover. It rained on Tuesday. "
    "Today the fishing boats land their catch in the harbour of the city every morning."
)


def job(folder: Path, content: bytes, title: str = "Summarise it") -> dict[str, Any]:
    (folder / "notes.txt").write_bytes(content)
    inputs = [{"name": "notes.txt", "path": str(folder / "notes.txt"), "media_type": "text/plain"}]
    (folder / "job.json").write_text(
        json.dumps({"task": {"title": title, "description": ""}, "inputs": inputs})
    )
    run(folder)
    result: dict[str, Any] = json.loads((folder / "result.json").read_text())
    return result


def test_what_the_text_is_about_is_kept_and_asides_are_not() -> None:
    kept = summarise(Text("notes", HARBOUR), 3).kept

    assert len(kept) == 3
    assert all(sentence in HARBOUR for sentence in kept)
    assert not {"A dog barked.", "My aunt likes tea.", "It rained on Tuesday."} & set(kept)


def test_sentences_stay_in_the_texts_order() -> None:
    kept = summarise(Text("notes", HARBOUR), 4).kept

    assert kept == sorted(kept, key=HARBOUR.index)


def test_a_sentence_that_repeats_another_is_left_out() -> None:
    text = "The bridge opens on Monday morning. " * 5 + "Traffic will use the old road until then. "

    assert len(summarise(Text("notes", text), 3).kept) == 2


def test_a_long_text_is_summarised_in_parts() -> None:
    text = " ".join(
        f"Chapter {number} tells how the crew of ship {number % 50} sailed on." for number in range(2500)
    )

    assert len(summarise(Text("book", text), None).kept) == 7


@pytest.mark.parametrize(
    ("paragraph", "sentences"),
    [
        ("Dr. Smith came at 5 p.m. to the U.S. embassy. He left.", 2),
        ("Wait... what? Yes! “Really.” Fine.", 5),
        ("Am 3. März kam Herr K. Müller, z.B. um 9 Uhr. Er ging.", 2),
        ("今日は雨です。明日は晴れます！本当？", 3),
        ("यह पहला वाक्य है। यह दूसरा है।", 2),
        ("هل هذا صحيح؟ نعم.", 2),
        ("all lower case here. and it goes on. fine", 3),
        ("Version 2.5 costs 3.50 today.", 1),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(paragraph: str, sentences: int) -> None:
    assert len(split(paragraph)) == sentences


def test_scripts_without_spaces_are_cut_into_pairs() -> None:
    assert words("今日は雨") == ["今日", "日は", "は雨"]


def test_markdown_gives_its_words_and_not_its_marks() -> None:
    text = (
        "# Title\n\nSome **bold** [link](http://x) text\ngoes on.\n\n```\ncode = 1\n```\n"
        "- one item\n- two\n\n| a | b |\n"
    )

    assert paragraphs(text) == ["Some bold link text goes on.", "one item", "two"]


@pytest.mark.parametrize(
    ("title", "length"),
    [
        ("Summarise in 3 sentences", 3),
        ("Give me five key points", 5),
        ("Summarise", None),
        ("In 0 points", 1),
    ],
)
def test_the_task_may_say_how_long(title: str, length: int | None) -> None:
    assert asked_length({"title": title, "description": ""}) == length


def test_the_result_is_a_file_and_a_sentence(tmp_path: Path) -> None:
    result = job(tmp_path, HARBOUR.encode())

    assert result["summary"].startswith("Summarised notes.txt (87 words) in 3 sentences. Most central: “")
    text = (tmp_path / "summary.md").read_text()
    assert text.startswith("# Summary of notes.txt\n")
    assert "**It comes back to:** harbour, city" in text


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_text_in_any_usual_encoding_is_read(tmp_path: Path, codec: str) -> None:
    job(tmp_path, "Das Café öffnet früh. Der Kaffee schmeckt.".encode(codec))

    assert "Das Café öffnet früh." in (tmp_path / "summary.md").read_text()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "notes.txt cannot be summarised. It is empty."),
        (b"\x00\x01\x02", "notes.txt cannot be summarised. It holds binary data"),
        (b"```\ncode\n```", "notes.txt holds no sentences to summarise."),
    ],
)
def test_what_cannot_be_summarised_is_refused_in_words(
    tmp_path: Path, content: bytes, complaint: str
) -> None:
    result = job(tmp_path, content)

    assert result["error"].startswith(complaint)
    assert result["retryable"] is False
