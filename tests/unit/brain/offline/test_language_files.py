"""The language files: every intent has an act, every example an intent, every template parses."""

from importlib import resources

import yaml

from brain.offline import grammar
from brain.offline.acts import ACTS

FOLDER = resources.files("brain.offline") / grammar.LANGUAGE
TOLD_APART_LATER = {"delegate", "yes", "no", "pick"}
"""What the planner turns into other intents."""


def test_every_template_leads_to_an_act() -> None:
    grammar.match("what is going on")
    for file in (FOLDER / "sentences").iterdir():
        intents = yaml.safe_load(file.read_text("utf-8")).get("intents", {})
        assert set(map(str, intents)) <= set(ACTS) | TOLD_APART_LATER, file.name


def test_every_example_leads_to_an_act_and_stands_once() -> None:
    seen: dict[str, str] = {}
    for file in sorted((FOLDER / "examples").iterdir(), key=lambda file: file.name):
        for intent, sentences in yaml.safe_load(file.read_text("utf-8")).items():
            assert intent in ACTS, intent
            for sentence in sentences:
                assert seen.get(sentence.lower(), intent) == intent, sentence
                seen[sentence.lower()] = intent
