"""Moonshine: speech to text on this machine, with the model's files and the ONNX runtime.

The package that carries the files brings a library as well, which stays unloaded: it takes the likeliest
token each time, gets more words wrong than a search does, and needs a model of its own for each thread
(docs/adr/0008-words-are-searched-for.md).
"""

import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from voice.engines.beam import BEHIND, Found, Language, likeliest
from voice.engines.hints import Hinted, Hints, Spelling
from voice.engines.lexicon import Lexicon
from voice.engines.phrasing import Phrasing
from voice.engines.silero import one_thread
from voice.errors import EngineFailed, SpeechUnavailable
from voice.sound import Samples

RATE_HZ = 16_000
_SHORTEST = RATE_HZ // 10
"""Less than this is no input that the model's first layers can take."""
_BEGIN, _END, _NAMES_FROM = 1, 2, 32_000
"""Tokens; from the last on they are names for things that are not words."""
_BLANK = "\u2581"
"""A token that begins a word begins with it."""
_TOKENS_PER_S, _TOKENS_AT_LEAST = 6.5, 4
"""Where the model repeats itself, it ends there. The first is the model's authors'."""
_UNSURE, _LATER = -2.0, RATE_HZ * 60 // 1000
"""Words that are worth less, by sound and phrasing, are searched for again with a second hearing, 60 ms
later: where the model's windows fall decides what it gets wrong. They are one sentence in ten of those that
nobody would say to an assistant, and hardly any other."""
_MADE_UP = 2.0
"""So are those that no list has, and each loses against others that are up to seven times less likely."""
_PARTS = [(layer, kind) for layer in range(6) for kind in ("key", "value")]
_WRITTEN = [f"{layer}.decoder.{kind}" for layer, kind in _PARTS]
"""What the decoder remembers of the tokens so far: a row for each beginning that is followed."""
_HEARD = [f"{layer}.encoder.{kind}" for layer, kind in _PARTS]
"""What it makes of the sound, once; one row serves all beginnings."""
_OLD_SPELLING = re.compile(r"\b([Tt])o-(morrow|day|night)\b")
"""The model learned from old books; what reads its text looks for "tomorrow"."""
_CONVERSATIONS = 16
"""Whose hints are kept ready; up to two megabytes each."""
_QUOTES = " \t\n\"'\u201c\u201d\u2018\u2019"
_MISSING = (
    "There is no local speech recognition on this machine: the package moonshine-voice 0.1.0, which carries "
    "the model, is not installed. It exists for Linux on x86-64 (glibc 2.34 or newer) and arm64 (glibc 2.31 "
    "or newer), and for macOS 15 or newer on Apple silicon: pip install moonshine-voice==0.1.0. Or set "
    "VOICE_STT to a vendor, such as VOICE_STT=deepgram with VOICE_STT_API_KEY."
)


class _GivenUp(Exception):
    pass


class Moonshine:
    """The model, once, for any number of threads.

    Args:
        workers: Threads. More than the machine's cores is of no use.

    Raises:
        SpeechUnavailable: Its files are not here.
    """

    def __init__(self, workers: int = 2) -> None:
        folder = _folder()
        self._workers = workers
        self._encoder = _session(folder / "encoder_model.ort")
        self._decoder = _session(folder / "decoder_model_merged.ort")
        self._tokens = _read_tokens(folder / "tokenizer.bin")
        # What the model has whole is a word as well, such as "pdf", which is in no book.
        written = [token.decode(errors="replace") for token in self._tokens]
        self._lexicon = Lexicon(token[1:] for token in written if token.startswith(_BLANK))
        self._phrasing = Phrasing(written, blank=_BLANK, end=_END)
        self._spelling = Spelling(written, blank=_BLANK)
        self._hints = lru_cache(_CONVERSATIONS)(self._made_ready)
        self.pool = ThreadPoolExecutor(workers, thread_name_prefix="voice-stt")

    def warm_up(self) -> None:
        """Start every worker and let it hear something. Blocks for about 0.1 s."""
        together = threading.Barrier(self._workers)

        def first() -> None:
            self.transcribe(np.zeros(RATE_HZ, dtype=np.float32))
            together.wait(60)

        for one in [self.pool.submit(first) for _ in range(self._workers)]:
            one.result()

    def transcribe(
        self, speech: Samples, given_up: threading.Event | None = None, hints: tuple[str, ...] = ()
    ) -> str:
        """The words; empty if there are none. To be called in `pool`.

        About 90 ms of a core for 4 s of speech, and 300 where they are searched for again.

        Args:
            speech: At 16 kHz, up to a minute, best with half a second of what came before it.
            given_up: Once it is set, nobody waits for the words any more, and there are none.
            hints: Phrases whose words are likelier here than elsewhere; some 10 ms when they are new.

        Raises:
            EngineFailed: The runtime gave an error.
        """
        given_up = given_up or threading.Event()
        try:
            hinted = self._hints(hints) if hints else None
            language = Hinted(self._phrasing, hinted) if hinted else self._phrasing
            besides = hinted.words() if hinted else ()

            def worth(found: Found) -> float:
                return found.score - _MADE_UP * self._lexicon.unknown(self._text(found.tokens), besides)

            found, *_ = self._found([speech], language, given_up)
            if found.score < _UNSURE or worth(found) < found.score:
                hearings = [np.pad(speech, (0, _LATER)), np.pad(speech, (_LATER, 0))]
                found = max(self._found(hearings, language, given_up, behind=BEHIND), key=worth)
        except _GivenUp:
            return ""
        except Exception as error:
            raise EngineFailed(f"moonshine: {type(error).__name__}") from error
        text = as_written_today(self._text(found.tokens))
        return hinted.as_written(text) if hinted else text

    def close(self) -> None:
        """Let the threads end."""
        self.pool.shutdown(wait=False, cancel_futures=True)

    def _made_ready(self, hints: tuple[str, ...]) -> Hints:
        return Hints(hints, self._spelling, rare=lambda word: self._lexicon.unknown(word) > 0)

    def _found(
        self,
        hearings: Sequence[Samples],
        language: Language,
        given_up: threading.Event,
        *,
        behind: float = 0.0,
    ) -> list[Found]:
        """The words that all hearings of the same speech, equally long, agree on best, as `likeliest`."""
        several = [_Sentence(self._decoder, self._encoded(one)) for one in hearings]
        first = np.mean([one.first for one in several], axis=0)
        longest = int(len(hearings[0]) / RATE_HZ * _TOKENS_PER_S) + _TOKENS_AT_LEAST

        def go_on(came_from: Sequence[int], tokens: Sequence[int]) -> Samples:
            if given_up.is_set():
                raise _GivenUp
            return np.asarray(np.mean([one.go_on(came_from, tokens) for one in several], axis=0))

        return likeliest(first, go_on, end=_END, longest=longest, behind=behind, language=language)

    def _encoded(self, speech: Samples) -> Samples:
        heard = np.pad(speech, (0, max(0, _SHORTEST - len(speech))))[np.newaxis, :].astype(np.float32)
        all_of_it = np.ones(heard.shape, dtype=np.int64)
        (encoded,) = self._encoder.run(None, {"input_values": heard, "attention_mask": all_of_it})
        return np.asarray(encoded)

    def _text(self, tokens: Sequence[int]) -> str:
        words = b"".join(self._tokens[token] for token in tokens if _END < token < _NAMES_FROM)
        return words.decode(errors="replace").replace(_BLANK, " ")


class _Sentence:
    """The decoder's memory of one recording, over the shared session."""

    def __init__(self, session: Any, encoded: Samples) -> None:
        self._session = session
        nothing = np.zeros((1, 8, 0, 36), dtype=np.float32)
        self._written = [nothing] * len(_WRITTEN)
        self._heard = [nothing] * len(_HEARD)
        self._sound = {
            "encoder_hidden_states": encoded,
            # All of it counts; the model stretches this over the sound.
            "encoder_attention_mask": np.ones((1, 1), dtype=np.int64),
        }
        self.first, self._heard = self._run([_BEGIN], _WRITTEN + _HEARD, again=False)
        """What each token is worth as the first one."""

    def go_on(self, came_from: Sequence[int], tokens: Sequence[int]) -> Samples:
        """As `beam.GoOn`."""
        if list(came_from) != list(range(len(self._written[0]))):
            self._written = [rows[came_from] for rows in self._written]
        worth, _ = self._run(tokens, _WRITTEN, again=True)
        return worth

    def _run(
        self, tokens: Sequence[int], remember: Sequence[str], *, again: bool
    ) -> tuple[Samples, list[Samples]]:
        past = zip(_WRITTEN + _HEARD, self._written + self._heard, strict=True)
        worth, *memory = self._session.run(
            ["logits", *(f"present.{name}" for name in remember)],
            {
                "input_ids": np.array(tokens, dtype=np.int64)[:, np.newaxis],
                "use_cache_branch": np.array([again]),
                **self._sound,
                **{f"past_key_values.{name}": rows for name, rows in past},
            },
        )
        self._written = memory[: len(_WRITTEN)]
        return worth[:, -1], memory[len(_WRITTEN) :]


def as_written_today(text: str) -> str:
    """Without the quotation marks around it and the spelling that the model has from its books."""
    return _OLD_SPELLING.sub(r"\1o\2", text.strip(_QUOTES))


def _folder() -> Path:
    """Where the package keeps the model. It is not imported: its library stays unloaded."""
    package = find_spec("moonshine_voice")
    for place in package.submodule_search_locations or () if package else ():
        if (folder := Path(place, "assets", "tiny-en")).is_dir():
            return folder
    raise SpeechUnavailable(_MISSING)


def _session(model: Path) -> Any:
    return ort.InferenceSession(str(model), one_thread(), providers=["CPUExecutionProvider"])


def _read_tokens(file: Path) -> list[bytes]:
    """Each token's bytes, behind their number: one byte below 128, or two, the lower seven bits first."""
    data, at, tokens = file.read_bytes(), 0, []
    while at < len(data):
        length, at = data[at], at + 1
        if length >= 128:
            length, at = length - 128 + 128 * data[at], at + 1
        tokens.append(data[at : at + length])
        at += length
    return tokens
