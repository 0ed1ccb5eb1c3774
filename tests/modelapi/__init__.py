"""Local servers that speak the protocols of model vendors, streamed, with tool calls and with faults.

`serving(dialect, *scripts)` starts one on a free port; each request is answered by the next script. A script
says what the model does (`Says`, `Calls`) or how it fails (`Refuses`, `Breaks`, `Hangs`), and the dialects
put it into each vendor's own words.
"""

from tests.modelapi.dialects import DIALECTS, Dialect
from tests.modelapi.scripts import Breaks, Calls, Hangs, Refuses, Says, Script
from tests.modelapi.server import ModelApi, serving

__all__ = [
    "DIALECTS",
    "Breaks",
    "Calls",
    "Dialect",
    "Hangs",
    "ModelApi",
    "Refuses",
    "Says",
    "Script",
    "serving",
]
