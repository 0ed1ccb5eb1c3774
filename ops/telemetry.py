"""Logging of a whole process: structlog and the standard library's loggers in one stream, without secrets."""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

HIDDEN = "•••"
_SECRET_NAME = re.compile(
    r"token|secret|password|passwd|authorization|cookie|credential|api_?key|(^|_)key$|(^|_)dsn$",
    re.IGNORECASE,
)
_HARMLESS_NAMES = frozenset(
    {"idempotency_key", "max_tokens", "input_tokens", "output_tokens", "total_tokens"}
)
_SECRET_TEXT = re.compile(
    r"""
      (?P<bot>(?<!\d)\d{6,12}:[A-Za-z0-9_-]{30,})              # a Telegram bot's token, also inside its URLs
    | (?P<scheme>\b(?:Bearer|Basic)\s+)[A-Za-z0-9._~+/=-]{8,}
    | (?P<url>://[^/\s:@]+:)[^@\s/]+(?=@)                 # a password in a URL
    | (?P<query>[?&](?:token|key|secret|api_key)=)[^&\s"']+
    | (?P<ours>\bcos_(?:admin|agent|reader|login)_)[A-Za-z0-9_-]{8,}
    | (?P<vendor>\bsk-)[A-Za-z0-9_-]{16,}
    """,
    re.VERBOSE | re.IGNORECASE,
)
_QUIET = {
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "uvicorn.access": logging.WARNING,
    "uvicorn.error": logging.WARNING,
    "websockets": logging.WARNING,
    "aiogram.event": logging.WARNING,
    "asyncio": logging.WARNING,
    "matplotlib": logging.WARNING,
    "strands": logging.WARNING,
    "watchfiles": logging.WARNING,
}


def configure(part: str, *, level: str = "info", style: str = "console") -> None:
    """Set up logging for this process; call it once, before anything logs.

    Args:
        part: Bound to every line as `part`.
        level: Name of the least level that is written.
        style: `console` for people, `json` for one object a line.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _named(part),
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(style)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(least, root.level))
    logging.captureWarnings(capture=True)


def redact(_: Any, __: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: hides fields named like secrets, and what looks like one inside text."""
    for name, value in fields.items():
        fields[name] = _clean(name, value)
    return fields


def redact_text(text: str) -> str:
    """Hide tokens, passwords in URLs and keys inside `text`."""
    return _SECRET_TEXT.sub(
        lambda found: (found[found.lastgroup or 0] if _kept(found) else "") + HIDDEN, text
    )


def _kept(found: re.Match[str]) -> bool:
    """Whether the matched group is the harmless beginning, to be kept, and not the secret itself."""
    return found.lastgroup != "bot"


def _clean(name: str, value: object) -> object:
    if _SECRET_NAME.search(name) and name.lower() not in _HARMLESS_NAMES and value:
        return HIDDEN
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, Mapping):
        return {key: _clean(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean("", inner) for inner in value]
    return value


def _named(part: str) -> Processor:
    def add(_: Any, __: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        fields["part"] = part
        return fields

    return add


def _renderer(style: str) -> Processor:
    if style == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
