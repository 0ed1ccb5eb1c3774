"""Documents that are written from the code: `python -m ops.documents` writes them into `docs/`.

Owns: docs/API.md (`api`) and docs/task-states.md (`states`). May import: the ledger and its SDK, to look at
them. Start reading at `api`.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ops.documents import api, states

DOCUMENTS: Mapping[str, Callable[[], str]] = MappingProxyType(
    {"API.md": api.document, "task-states.md": states.document}
)
