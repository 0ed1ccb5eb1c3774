"""Letters that were spelled are read together, and letters of ordinary sentences are left alone."""

import pytest

from brain.spelling import joined, spelled


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("that's spelled S M I T H", "that's spelled Smith"),
        ("It is spelled M-e-y-e-r.", "It is spelled Meyer."),
        ("spelled SM I TH", "spelled Smith"),
        ("M as in Mike, E, Y E R", "Meyer"),
        ("M for mother, E for easy, G for George", "Meg"),
        ("Sierra Mike India Tango Hotel", "Smith"),
        ("Ask J O A N to come", "Ask Joan to come"),
        ("capital B, A, R, T", "Bart"),
        ("Call D E capital V R I E S.", "Call DeVries."),
        ("Her name is O apostrophe B R I E N.", "Her name is O'Brien."),
        ("That's spelled double U, E, double S, E, L.", "That's spelled Wessel."),
        ("my name is J D", "my name is JD"),
        ("I B M sent the invoice", "IBM sent the invoice"),
        ("He lives in the U.S.A. and loves it.", "He lives in the USA and loves it."),
        ("The booking code is K 7 X Q 9.", "The booking code is K7XQ9."),
        ("The gate code is one two three four", "The gate code is 1234"),
        ("flight number B A 2 4 9", "flight number BA249"),
    ],
)
def test_what_is_spelled_is_read_together(said: str, read: str) -> None:
    assert joined(said) == read


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("My name is Joan, J O A N.", "My name is Joan."),
        ("My name is Joan J. O. A. N. Thanks.", "My name is Joan. Thanks."),
        ("My last name is Miller, M-I-double-L-E-R.", "My last name is Miller."),
        ("My name is Sean spelled S-H-A-W-N", "My name is Shawn"),
        ("Call Maya, spelled M as in Mike, E, Y E R, high priority.", "Call Meyer, high priority."),
        ("Call Mr. Smice that's spelled S-M-I-T-H, tomorrow.", "Call Mr. Smith, tomorrow."),
        ("Call Joan J O A N I live in Berlin.", "Call Joan I live in Berlin."),
        ("Invite Bob, spelled S M I T H", "Invite Bob, spelled Smith"),
    ],
)
def test_it_takes_the_place_of_the_word_that_was_misheard(said: str, read: str) -> None:
    assert joined(said) == read


@pytest.mark.parametrize(
    ("heard", "read"),
    [
        ("My last name is Smith, S, N, I, T, H.", "My last name is Smith."),
        ("My last name is mayor, N, E, Y, E, R.", "My last name is Meyer."),
        ("My last name is Shaughnessy, S-H-A-U-T-H-N-E-S-S-Y.", "My last name is Shaughnessy."),
        ("My last name is Miller, and I, L, L, E, R.", "My last name is Miller."),
        ("My last name is Kosky, K. Oh, W. A. L. S. K. I.", "My last name is Kowalski."),
        ("My last name is Newin, N, G, U, Y, E, N.", "My last name is Nguyen."),
        ("He is Schmitt, S C H M I D T", "He is Schmidt"),
        ("That spell B-R-A-N-D-T.", "That spell Brandt."),
    ],
)
def test_word_and_letters_correct_each_other_where_a_telephone_confuses_them(heard: str, read: str) -> None:
    assert joined(heard) == read


def test_the_example_decides_between_letters_that_sound_alike() -> None:
    assert joined("N as in Mike, E, Y, E, R") == "Meyer"
    assert joined("S as in Foxtrot, R, E, T as in Delta") == "Fred"
    assert joined("K as in Cat, A, T") == "Kat"


@pytest.mark.parametrize(
    "said",
    [
        "",
        "I a m late",
        "I A M late",
        "Go with plan B.",
        "Plan B for Bob",
        "Buy vitamin C and D.",
        "Buy vitamins A, C and D.",
        "Buy vitamins A C D and E.",
        "Take options A, B, C, D.",
        "the letters A, B and C",
        "It's A, B or C",
        "Q and A at four",
        "Draw a line from point A to B.",
        "Meet at 9 A M",
        "from 9 A.M. to 5 P.M.",
        "remind me at 5 a m to run",
        "number 4 a day",
        "Cancel tasks number 4, 5 and 6",
        "press 1 2 3",
        "The file is called one two three",
        "e.g. a b testing",
        "J. R. R. Tolkien wrote it",
        "I. A. Richards",
        "George W. Bush",
        "as in 4.b and 4.c, or C.F. 2.101",
        "He got a B. A C would be worse",
        "Call Kathy with a K.",
        "Invite Charlie, Mike, Oscar and Victor.",
        "Invite Charlie, Mike, Oscar.",
        "Call Mike for Monday",
        "small a b test",
        "P S I love you",
        "/task call J O A N",
        "J O A N " * 500,
    ],
)
def test_letters_of_ordinary_sentences_are_left_alone(said: str) -> None:
    assert joined(said) == said
    assert spelled(said) == ()


def test_each_of_several_is_found_in_its_place() -> None:
    found = spelled("Invite Jon, J O H N, and Kathy, C A T H Y.")
    assert [one.word for one in found] == ["John", "Cathy"]
    assert joined("Invite Jon, J O H N, and Kathy, C A T H Y.") == "Invite John, and Cathy."
