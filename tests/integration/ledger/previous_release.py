"""What the release before this one says to PostgreSQL: `python -m tests.integration.ledger.previous_release`.

That writes the statements of the code as it is now, so it is run when a release is made, and not before.
"""

import asyncio
import importlib
import pkgutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import msgspec

import ledger
from ledger import migrate
from ledger.once import Command
from ops.embedded.postgres import EmbeddedPostgres

FILE = Path(__file__).with_name("previous_release.json")
_BEGINNINGS = ("WITH", "SELECT", "INSERT", "UPDATE", "DELETE", "LOCK")
_LEFT_OUT = ("ledger.piccolo", "ledger.sdk", "ledger.ddl")


def read() -> dict[str, str]:
    """The statements by where they stand in the code."""
    return msgspec.json.decode(FILE.read_bytes(), type=dict[str, str])


def _found() -> Iterator[tuple[str, str]]:
    """Every constant that may be a statement."""
    for module in pkgutil.walk_packages(ledger.__path__, "ledger."):
        if module.name.startswith(_LEFT_OUT):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            place = f"{module.name}.{name}"
            if isinstance(value, Command):
                yield place, value.plain
                yield f"{place}, kept", value.kept
            elif isinstance(value, str) and value.lstrip().startswith(_BEGINNINGS):
                yield place, value


async def understood(connection: asyncpg.Connection, statement: str) -> str:
    """What PostgreSQL has against a statement; empty if nothing."""
    try:
        await connection.prepare(statement)
    except asyncpg.PostgresError as error:
        return str(error)
    return ""


async def _write() -> None:
    with tempfile.TemporaryDirectory() as home:
        async with EmbeddedPostgres(Path(home)) as postgres:
            await migrate.forwards(postgres.dsn)
            connection = await asyncpg.connect(postgres.dsn)
            # What is no whole statement, such as the beginning of a list, is left out.
            whole = {
                place: statement
                for place, statement in _found()
                if not await understood(connection, statement)
            }
            await connection.close()
    once_each = {statement: place for place, statement in sorted(whole.items(), reverse=True)}
    kept = {place: statement for statement, place in once_each.items()}
    text = msgspec.json.format(msgspec.json.encode(dict(sorted(kept.items()))), indent=1)
    FILE.write_bytes(text + b"\n")


if __name__ == "__main__":
    asyncio.run(_write())
