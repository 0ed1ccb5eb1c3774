"""Where Piccolo finds its engine: the one that `ledger.migrate` is moving, else one by the settings.

The second is for a developer's `piccolo migrations new ledger --auto`; the server never uses it.
"""

from contextvars import ContextVar

from piccolo.conf.apps import AppRegistry

from ledger.engine import LedgerEngine
from ledger.settings import LedgerSettings

MIGRATING: ContextVar[LedgerEngine | None] = ContextVar("MIGRATING", default=None)

APP_REGISTRY = AppRegistry(apps=["ledger.piccolo_app"])


def __getattr__(name: str) -> LedgerEngine:
    if name != "DB":
        raise AttributeError(name)
    engine = MIGRATING.get()
    if engine is not None:
        return engine
    settings = LedgerSettings()  # type: ignore[call-arg]  # from the environment
    return LedgerEngine(settings.database_url.get_secret_value())
