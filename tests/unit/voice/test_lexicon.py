"""Made-up words are told from words, and from what need not be in any list."""

import pytest

from voice.engines.lexicon import Lexicon
from voice.errors import SpeechUnavailable


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(["kubectl"])


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Ten of quops,", 1),
        ("He was not an ill-sposed young man.", 1),
        ("quops or quoths", 2),
        ("He was not an ill-disposed young man.", 0),
        ("ten metres of coloured fence, ten meters of colored fence", 0),
        ("put it in my inbox and the app", 0),
        ("Tell Zephyrine that Quops is late.", 0),
        ("I couldn't, and the quops's done", 0),
        ("kubectl and clubs on the 3rd at 15:30, b2b", 0),
        ("zzz aaa", 2),
        ("", 0),
    ],
)
def test_only_words_in_lower_case_that_no_list_has_are_unknown(
    lexicon: Lexicon, text: str, unknown: int
) -> None:
    assert lexicon.unknown(text) == unknown


def test_without_the_voice_s_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("voice.engines.lexicon.files", missing)
    with pytest.raises(SpeechUnavailable, match=r"hibari-tts.*VOICE_STT"):
        Lexicon()
