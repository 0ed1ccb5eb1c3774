"""What the classifier learned from the examples, kept beside them in `intents.npz`.

To learn takes some seconds of every start, so it is done once: `python -m brain.offline.learning`, which
`make docs` runs, too. The file names the examples that it was learned from; others are learned anew.
"""

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
import structlog
import yaml

from brain.offline.encoder import Encoder
from brain.offline.features import Features
from brain.offline.grammar import LANGUAGE
from brain.offline.heard import as_heard
from brain.offline.linear import Linear

log = structlog.get_logger(__name__)

KEPT = "intents.npz"
_BATCH = 16

Example = tuple[str, str]
"""An intent, and a sentence that means it."""


@dataclass(frozen=True)
class Learned:
    """What is looked at in a sentence, and what follows from it."""

    features: Features
    layer: Linear


def read_examples() -> list[Example]:
    """Those of the language, in the order of their files."""
    folder = _folder() / "examples"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda f: f.name)
    groups: list[dict[str, list[str]]] = [yaml.safe_load(file.read_text("utf-8")) for file in files]
    return [(intent, one) for group in groups for intent, sentences in group.items() for one in sentences]


def learn(encode: Encoder, examples: Sequence[Example]) -> Learned:
    """The layer that understands these examples best."""
    # Sentences of like length together: a batch is as slow as its longest.
    heard = [(intent, as_heard(sentence)) for intent, sentence in examples]
    ordered = sorted(heard, key=lambda example: len(example[1]))
    batches = [ordered[at : at + _BATCH] for at in range(0, len(ordered), _BATCH)]
    vectors = np.concatenate([encode([sentence for _, sentence in batch]) for batch in batches])
    sentences = [sentence for _, sentence in ordered]
    features = Features.found_in(sentences)
    rows = features.rows(sentences, vectors)
    return Learned(features, Linear.fitted(rows, [intent for intent, _ in ordered]))


def known_layer(examples: Sequence[Example]) -> Learned | None:
    """The layer that was kept; None if it was learned from other examples, or cannot be read."""
    try:
        with (_folder() / KEPT).open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if str(kept["examples"]) == _digest(examples):
                turns = [str(turn) for turn in kept["turns"]]
                weights = kept["weights"].astype(np.float32)
                layer = Linear([str(name) for name in kept["names"]], weights, kept["bias"])
                return Learned(Features({turn: at for at, turn in enumerate(turns)}), layer)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        log.warning("offline.layer_unreadable", reason=str(error))
        return None
    log.info("offline.examples_changed", advice="`make docs` keeps what is learned from them")
    return None


def keep(learned: Learned, examples: Sequence[Example], path: Path) -> None:
    """Write a layer down, with the name of the examples that it was learned from.

    Weights are kept by half the digits: no probability changes by a thousandth.
    """
    np.savez_compressed(
        path,
        names=np.array(learned.layer.names),
        turns=np.array(list(learned.features.places)),
        weights=learned.layer.weights.astype(np.float16),
        bias=learned.layer.bias,
        examples=_digest(examples),
    )


def _folder() -> Traversable:
    return resources.files("brain.offline") / LANGUAGE


def _digest(examples: Sequence[Example]) -> str:
    return hashlib.sha256(repr(list(examples)).encode()).hexdigest()


if __name__ == "__main__":
    found = read_examples()
    keep(learn(Encoder(), found), found, Path(__file__).with_name(LANGUAGE) / KEPT)
