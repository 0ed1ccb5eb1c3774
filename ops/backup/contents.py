"""What is in a backup, by name, and what it says of itself."""

import msgspec

ABOUT = "about.json"
DATABASE = "database"
ARTIFACTS = "artifacts/"
REDIS = "redis"
KEYS = "home/keys.json"
SETTINGS = "home/settings.env"
MISSES = "home/chief/misses.jsonl"
SUMMARY = "summary.json"
FORMAT = 1


class About(msgspec.Struct, frozen=True):
    """The first member."""

    made: str
    """When, as ISO 8601."""
    version: str
    """Of this program."""
    postgres: int
    """Major version of the tools that wrote the database."""
    format: int = FORMAT


class Summary(msgspec.Struct, frozen=True):
    """The last member: what a restored installation must have."""

    rows: dict[str, int]
    """By table."""
    artifacts: dict[str, str]
    """SHA-256 by id."""
    missing: list[str]
    """Artifacts whose bytes were gone from the store already."""
    redis_keys: int
