"""Calculations as people write them."""

import pytest
from calculation.job import answer


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("Convert 42 km to miles", "42 km = 26.0976 miles"),
        ("How many miles is 42 km?", "42 km = 26.0976 miles"),
        ("5 ft 7 in to cm", "5 ft 7 in = 170.18 cm"),
        ("What is 19% of 250?", "19% of 250 = 47.5"),
        ("Calculate 1,250.50 + 19%", "1250.50 + 19% = 1,488.095"),
        ("12 * (3 + 4)", "12 * (3 + 4) = 84"),
        ("100 celsius in fahrenheit", "100 celsius = 212 fahrenheit"),
        ("3 h 20 min in seconds", "3 h 20 min = 12,000 seconds"),
        ("What is 2^10?", "2^10 = 1,024"),
        ("square root of 2", "square root of 2 = 1.41421356237"),
        ("60 mph in km/h", "60 mph = 96.5606 km/h"),
        ("3,5 kg in pounds", "3.5 kg = 7.71618 pounds"),
        ("100 m2 in square feet", "100 m2 = 1,076.39 square feet"),
        ("0.1 + 0.2", "0.1 + 0.2 = 0.3"),
        ("calculate the area of 3 m x 4 m", "3 m x 4 m = 12 m²"),
        ("What is 15 percent of 80 kg?", "15 percent of 80 kg = 12 kg"),
        ("-5 + 3", "-5 + 3 = -2"),
    ],
)
def test_a_value_is_told_with_what_was_asked(asked: str, told: str) -> None:
    assert answer(asked, "")["summary"] == told


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        ("250 / 0", "divide by zero"),
        ("9**9**9", "a number so large"),
        ("100 usd in eur", "do not convert money"),
        ("5 apples times 3", "do not know the unit “apples”"),
        ("10 kg to meters", "kilogram cannot be turned into meter"),
        ("what is love", "no number"),
        ("3 + (", "cannot read"),
        ("__import__('os').system('ls') + 1", "cannot read"),
    ],
)
def test_what_cannot_be_computed_is_explained_with_an_example(asked: str, complaint: str) -> None:
    error = answer(asked, "")["error"]

    assert complaint in error
    assert "42 km in miles" in error


def test_each_line_of_a_description_is_computed() -> None:
    assert answer("Work these out", "2 + 2\n3 kg in g")["summary"] == "2 + 2 = 4\n3 kg = 3,000 g"
