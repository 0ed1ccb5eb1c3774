"""How a sentence is put counts as much as what it is about."""

import numpy as np

from brain.offline.features import Features, turns_of_phrase


def test_numbers_are_all_alike() -> None:
    assert turns_of_phrase("cancel task 6") == turns_of_phrase("cancel task 17")


def test_the_order_of_words_counts() -> None:
    assert turns_of_phrase("it is done") != turns_of_phrase("is it done")


def test_only_what_several_sentences_have_counts() -> None:
    found = Features.found_in(["leave it", "leave that", "bananas"])
    assert "leave" in found.places
    assert "bananas" not in found.places


def test_a_sentence_of_unknown_words_has_its_vector_alone() -> None:
    row = Features({"leave": 0}).rows(["quite different"], np.ones((1, 3), dtype=np.float32))[0]
    assert row[-1] == 0
    assert (row[:3] > 0).all()
