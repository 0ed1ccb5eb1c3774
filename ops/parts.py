"""The table of parts: where each begins, how it is asked whether it is ready, what it is told.

Each child gets the variables that it needs and no others: the bot's token goes to the gateway only, the
models' keys to chief and seed only, the admin key never to seed, and to the panel only where it lets in
by itself who gives a password or comes by OpenID.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ops.keys import Keys
from ops.settings import OpsSettings


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SYSTEM = _words("PATH HOME USER LOGNAME SHELL LANG LANGUAGE LC_ TZ TMPDIR")
NETWORK = _words("""
    SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY
    http_proxy https_proxy no_proxy all_proxy
""")
RUNTIME = _words("OTEL_ PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX MPLCONFIGDIR XDG_CACHE_HOME")
MODELS = _words("""
    COS_MODEL COS_MODEL_ ANTHROPIC_ OPENAI_ OPENROUTER_ GROQ_ GEMINI_ GOOGLE_ AWS_ OLLAMA_ LLAMACPP_ LITELLM_
    MISTRAL_ DEEPSEEK_ XAI_ COHERE_ TOGETHER_ AZURE_
""")
STORAGE = _words("AWS_ GOOGLE_APPLICATION_CREDENTIALS AZURE_STORAGE_")


@dataclass(frozen=True)
class Part:
    """One process. `passes` are names of variables, or beginnings of names that end in `_`."""

    name: str
    entry: str
    """Package with `main.serve(settings)` and `settings`."""
    settings: str
    """The class in its `settings` module."""
    passes: tuple[str, ...]
    ready_path: str | None = "/health/ready"
    """None: it does not listen; it is ready when the ledger has seen it."""


PARTS = {
    part.name: part
    for part in (
        Part("ledger", "ledger", "LedgerSettings", ("LEDGER_", *STORAGE), "/api/v1/health/ready"),
        Part("chief", "brain.chief", "ChiefSettings", ("CHIEF_", *MODELS)),
        Part("seed", "brain.seed", "SeedSettings", ("SEED_", *MODELS), None),
        Part(
            "gateway", "gateway", "GatewaySettings", ("GATEWAY_", "TELEGRAM_", "TWILIO_", "PHONE_", "VOICE_")
        ),
        Part("ui", "ui", "UiSettings", ("UI_", "GATEWAY_MAX_UPLOAD_MB")),
    )
}
SEED_NAME = "seed-1"
LET_IN_BY = ("UI_PASSWORD_HASH", "UI_OIDC_ISSUER")
AWAIT_LEDGER = {"COS_AWAIT_LEDGER": "true"}


def environment_of(
    part: Part, told: Mapping[str, str], settings: OpsSettings, keys: Keys, *, dsn: str, redis: str
) -> dict[str, str]:
    """What a part is started with.

    Args:
        part: Which.
        told: What the supervisor itself was told.
        settings: The supervisor's.
        keys: Of this installation.
        dsn: Of PostgreSQL.
        redis: The URL of Redis.
    """
    passed = {
        name: value
        for name, value in told.items()
        if _passes(name, (*SYSTEM, *NETWORK, *RUNTIME, *part.passes))
    }
    return {**passed, **_common(settings), **_own(part.name, told, settings, keys, dsn=dsn, redis=redis)}


def _passes(name: str, allowed: tuple[str, ...]) -> bool:
    return any(name == rule or (rule.endswith("_") and name.startswith(rule)) for rule in allowed)


def _common(settings: OpsSettings) -> dict[str, str]:
    return {
        "COS_HOME": str(settings.place),
        "COS_BIND_HOST": settings.bind_host,
        "COS_SESSION": settings.session,
        "LEDGER_URL": settings.url("ledger"),
        "LOG_LEVEL": settings.log_level,
        # The supervisor renders the lines itself, for the terminal and for the files.
        "LOG_FORMAT": "json",
        "PYTHONUNBUFFERED": "1",
    }


def _own(
    name: str, told: Mapping[str, str], settings: OpsSettings, keys: Keys, *, dsn: str, redis: str
) -> dict[str, str]:
    match name:
        case "ledger":
            return {
                "DATABASE_URL": dsn,
                "REDIS_URL": redis,
                "LEDGER_PORT": str(settings.ledger_port),
                "LEDGER_BOOTSTRAP_ADMIN_KEY": keys.admin,
                "LEDGER_BOOTSTRAP_AGENT_KEY": keys.agent,
                "LEDGER_BOOTSTRAP_READER_KEY": keys.reader,
            }
        case "chief":
            return {
                **AWAIT_LEDGER,
                "LEDGER_API_KEY": keys.admin,
                "REDIS_URL": redis,
                "CHIEF_PORT": str(settings.chief_port),
            }
        case "seed":
            return {
                **AWAIT_LEDGER,
                "LEDGER_API_KEY": keys.agent,
                "SEED_NAME": told.get("SEED_NAME", SEED_NAME),
            }
        case "gateway":
            return {
                **AWAIT_LEDGER,
                "LEDGER_API_KEY": keys.admin,
                "REDIS_URL": redis,
                "GATEWAY_PORT": str(settings.gateway_port),
                "CHIEF_URL": settings.url("chief"),
                "PUBLIC_URL": settings.panel,
            }
        case "ui":
            return {
                **AWAIT_LEDGER,
                "LEDGER_API_KEY": keys.reader,
                **({"UI_LOGIN_KEY": keys.admin} if any(map(told.get, LET_IN_BY)) else {}),
                "UI_PORT": str(settings.ui_port),
                "UI_STORAGE_SECRET": told.get("UI_STORAGE_SECRET", keys.ui_storage),
                "GATEWAY_URL": settings.url("gateway"),
                "CHIEF_URL": settings.url("chief"),
                "PUBLIC_URL": settings.panel,
            }
        case _:
            raise ValueError(name)
