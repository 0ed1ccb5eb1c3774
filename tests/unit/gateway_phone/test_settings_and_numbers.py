"""Settings, numbers, PINs, verdicts: what is refused, and with which words."""

import pytest
from pydantic import ValidationError

from gateway.phone.errors import NumberUnreadable, PinUnusable
from gateway.phone.numbers import e164, shown
from gateway.phone.pins import hash_of, is_hash, matches
from gateway.phone.settings import PhoneSettings
from gateway.phone.verdict import Verdict, verdict_of

ACCOUNT = "AC" + "0" * 32


@pytest.mark.parametrize("text", ["+49 30 12345678", "+49 (30) 1234-5678", " +493012345678 "])
def test_a_number_has_one_form(text: str) -> None:
    assert e164(text) == "+493012345678"


@pytest.mark.parametrize("text", ["", "anonymous", "03012345678", "+1", "+99999999999999999999"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(NumberUnreadable, match="begins with"):
        e164(text)


def test_a_log_shows_the_end_of_a_number_only() -> None:
    assert (shown("+493012345678"), shown("")) == ("…678", "withheld")


def test_a_pin_is_kept_as_a_hash_that_differs_each_time() -> None:
    first, second = hash_of("2580"), hash_of("2580")
    assert first != second
    assert "2580" not in first
    assert is_hash(first)
    assert (matches("2580", first), matches("2581", first), matches("2580", "plain")) == (True, False, False)


@pytest.mark.parametrize("pin", ["", "123", "1111", "1234", "9876", "12a4", "1" * 13, "٣٤٥٦"])
def test_a_pin_that_would_be_guessed_is_refused(pin: str) -> None:
    with pytest.raises(PinUnusable):
        hash_of(pin)


@pytest.mark.parametrize(
    ("verstat", "verdict"),
    [
        ("TN-Validation-Passed-A", Verdict.VOUCHED),
        ("TN-Validation-Passed-B", Verdict.UNPROVEN),
        ("TN-Validation-Passed-A-Diverted", Verdict.UNPROVEN),
        ("No-TN-Validation", Verdict.UNPROVEN),
        ("", Verdict.UNPROVEN),
        ("TN-Validation-Failed-C", Verdict.FALSE),
        ("TN-Validation-Failed", Verdict.FALSE),
    ],
)
def test_only_level_a_vouches(verstat: str, verdict: Verdict) -> None:
    assert verdict_of(verstat) is verdict


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"account_sid": "x"}, "begins with AC"),
        ({"account_sid": ACCOUNT}, "TWILIO_AUTH_TOKEN"),
        ({"number": "555"}, "begins with +"),
        ({"owner_numbers": "+493012345678, 12"}, "begins with +"),
        ({"pin_hash": "2580"}, "cos phone pin"),
        ({"public_url": "phone.example"}, "http"),
    ],
)
def test_a_setting_that_cannot_be_meant_says_what_to_do_and_quotes_nothing(
    values: dict[str, str], words: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        PhoneSettings.model_validate(values)
    assert words in str(refused.value)
    assert "2580" not in str(refused.value)


def test_a_telephone_is_connected_with_an_account_and_a_number() -> None:
    account = {"account_sid": ACCOUNT, "auth_token": "secret"}
    assert not PhoneSettings.model_validate(account).connected
    whole = PhoneSettings.model_validate({**account, "number": "+1 415 555 0100"})
    assert (whole.connected, whole.number) == (True, "+14155550100")
    assert "secret" not in repr(whole)
