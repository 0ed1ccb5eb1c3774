"""A Bot API server for tests: real HTTP on loopback, as strict as Telegram and without it.

Every request, every response and every update is checked against `schema.json`, the part in use of the Bot
API 10.3 schema. Start with `server.BotApiServer`; `people` holds what a person in Telegram can do, `faults`
what can go wrong on purpose.
"""

from tests.botapi import faults
from tests.botapi.people import Group, Person
from tests.botapi.records import Entity, Sent, SentFile
from tests.botapi.server import SAYING, BotApiServer

__all__ = ["SAYING", "BotApiServer", "Entity", "Group", "Person", "Sent", "SentFile", "faults"]
