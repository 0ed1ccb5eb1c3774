"""Finds a key of the ledger by the name that people call it."""

from agentops import AgentOpsClient
from agentops.wire import Key
from ops.errors import NotFoundHere


async def key_called(ledger: AgentOpsClient, word: str) -> Key:
    """The key with this id, else the one good key with this name.

    Raises:
        NotFoundHere: none, or several of that name.
    """
    keys = await ledger.list_keys()
    for key in keys:
        if key.id == word:
            return key
    named = [key for key in keys if key.name == word and key.revoked_at is None]
    if len(named) == 1:
        return named[0]
    if named:
        ids = ", ".join(key.id for key in named)
        raise NotFoundHere(f"{len(named)} keys are called {word!r}. Say which, by its id: {ids}.")
    raise NotFoundHere(f"No key that is still good is called {word!r}. `cos keys list` shows all.")
