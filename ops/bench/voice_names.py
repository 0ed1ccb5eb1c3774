"""Whether names are heard as the ledger has them: the same sentences before it does, and after."""

import msgspec

from agentops.wire import NewTask
from ops.bench.voice_caller import Talk, talk
from ops.bench.voice_house import Answerer, House, Resident
from ops.bench.voice_speakers import synthetic

ASKED = (
    ("Castellano", "Castellano kitchen", "How is the Castellano kitchen coming along?"),
    ("Thornbury", "Thornbury school visit", "When do we go to Thornbury?"),
    ("Meadowbank", "Meadowbank survey", "Is the Meadowbank survey finished?"),
    ("Rasmussen", "Rasmussen audit", "Tell me about Rasmussen."),
    ("Aldridge", "Aldridge proposal", "Did anybody write to Aldridge about the invoice?"),
    ("Tanaka", "Tanaka translation", "What is the status of the Tanaka translation?"),
    ("Wieczorek", "Wieczorek application", "Who is working on the Wieczorek application?"),
    ("Juniper", "Juniper brochure", "Is anything waiting for the Juniper brochure?"),
    ("Gupta", "Lunch with Anjali Gupta", "When is lunch with Anjali Gupta?"),
    ("Rosenthal", "Rosenthal portrait", "What do you know about Rosenthal?"),
    ("Bellweather", "Bellweather insurance claim", "How is the Bellweather claim coming along?"),
    ("Petrovic", "Petrovic passport", "Is the Petrovic passport here?"),
)
"""A name, the title of a task that has it, and what is asked about it."""


class Names(msgspec.Struct, frozen=True):
    """Sentences whose name was heard."""

    before: int
    """Before the ledger had a task of that name."""
    after: int
    of: int


async def heard(house: House, at: Answerer, who: Resident) -> tuple[Names, Talk]:
    """Ask about all of them in one call, make the tasks, and ask again; what came of the second call."""
    clips = synthetic(tuple(sentence for _, _, sentence in ASKED))
    before = await talk(house, at, who, clips)
    for _, title, _ in ASKED:
        await house.ops.create_task(NewTask(title=title))
    after = await talk(house, at, who, clips)
    return Names(_right(before), _right(after), len(clips)), after


def _right(talked: Talk) -> int:
    heard = dict(talked.misheard)
    return sum(name in heard.get(sentence, sentence) for name, _, sentence in ASKED)
