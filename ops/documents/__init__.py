"""What is written from the code and from other files: `python -m ops.documents` writes it.

Owns: docs/API.md (`api`), docs/task-states.md (`states`) and voice/engines/phrasing.txt (`phrasing`). May
import: the ledger and its SDK, to look at them; the offline brain's examples. Start reading at `api`.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ops.documents import api, phrasing, states

DOCUMENTS: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "docs/API.md": api.document,
        "docs/task-states.md": states.document,
        "voice/engines/phrasing.txt": phrasing.document,
    }
)
