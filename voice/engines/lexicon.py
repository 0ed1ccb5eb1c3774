"""Which words there are: what a recogniser put together from pieces, and no list has, it has made up."""

import gzip
import re
from collections.abc import Container, Iterable
from importlib.resources import files

import msgspec
import numpy as np

from voice.errors import SpeechUnavailable

_LOWER_CASE = re.compile(r"(?<![\w'])[a-z]+(?![\w'])")
"""Names begin with a capital and need not be in any list; nor must contractions, or what has digits."""
_MISSING = (
    "There is no local speech recognition on this machine: install the package hibari-tts 0.2.1, whose words "
    "it goes by, or set VOICE_STT to a vendor, such as VOICE_STT=deepgram with VOICE_STT_API_KEY."
)


class Lexicon:
    """English words: those that the local voice has the pronunciation of, American and British, and more.

    Args:
        more: Words in lower case, such as a recogniser has whole; what else is among them does no harm.

    Raises:
        SpeechUnavailable: The voice's package is not installed.
    """

    def __init__(self, more: Iterable[str] = ()) -> None:
        try:
            assets = files("hibari") / "assets"
        except ModuleNotFoundError as error:
            raise SpeechUnavailable(_MISSING) from error
        words = set(more)
        for name in ("us_gold", "us_silver", "gb_gold", "gb_silver"):
            listed = gzip.decompress(assets.joinpath(f"lexicon_{name}.json.gz").read_bytes())
            words.update(msgspec.json.decode(listed, type=dict[str, msgspec.Raw]))
        # Of 200,000 strings a set takes 35 MB, an array nine.
        self._words = np.sort(np.array([word for word in words if _plain(word)], dtype=np.bytes_))

    def unknown(self, text: str, besides: Container[str] = ()) -> int:
        """How many of its words there are not. What is joined by a hyphen counts each for itself.

        Args:
            text: In any case; only what is in lower case is looked for.
            besides: More words that there are.
        """
        words = [word for word in _LOWER_CASE.findall(text) if word not in besides]
        said = np.array(words, dtype=np.bytes_)
        place = np.searchsorted(self._words, said).clip(max=len(self._words) - 1)
        return int(np.count_nonzero(self._words[place] != said))


def _plain(word: str) -> bool:
    return word.isascii() and word.isalpha() and word.islower()
