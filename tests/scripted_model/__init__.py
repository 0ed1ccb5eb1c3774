"""A server that speaks OpenAI's chat completions and says what a test has written down for it.

`scripted_model(*moves)` answers the requests of one conversation after the other; `scripted_models` takes a
script for each task, known by words of its system prompt. A move is `call(…)`, several of them in a list,
`words(…)`, a status to fail with, or a function of what was asked that returns one of these.
"""

from tests.scripted_model.moves import Asked, Move, call, words
from tests.scripted_model.server import ScriptedServer, scripted_model, scripted_models

__all__ = ["Asked", "Move", "ScriptedServer", "call", "scripted_model", "scripted_models", "words"]
