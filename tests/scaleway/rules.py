"""What the API refuses. Limits: https://www.scaleway.com/en/docs/serverless-containers/reference-content/containers-limitations/"""

import re
from typing import Any

_FIELDS: dict[str, type | tuple[type, ...]] = {
    "environment_variables": dict,
    "secret_environment_variables": dict,
    "min_scale": int,
    "max_scale": int,
    "memory_limit_bytes": int,
    "mvcpu_limit": int,
    "timeout": str,
    "privacy": str,
    "description": str,
    "image": str,
    "protocol": str,
    "port": int,
    "https_connections_only": bool,
    "sandbox": str,
    "local_storage_limit_bytes": int,
    "scaling_option": dict,
    "liveness_probe": dict,
    "startup_probe": dict,
    "tags": list,
    "private_network_id": str,
    "command": list,
    "args": list,
}
_ONLY_NEW: dict[str, type | tuple[type, ...]] = {"namespace_id": str, "name": str}
_TAKEN_PORTS = {8008, 8012, 8013, 8022, 9090, 9091}
_DURATION = re.compile(r"\d+(\.\d+)?s")


class Refusal(Exception):
    """An answer that is not 200."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self._more = more

    def body(self) -> dict[str, Any]:
        """As the API words it."""
        return {"message": str(self), "type": "refused", **self._more}


def checked(told: dict[str, Any], *, new: bool) -> dict[str, Any]:
    """The body of a create or an update. Raises Refusal with what is wrong."""
    fields = {**_FIELDS, **(_ONLY_NEW if new else {})}
    for name, value in told.items():
        if name not in fields:
            _wrong(name, "unknown field")
        if value is not None and not isinstance(value, fields[name]):
            _wrong(name, f"must be {fields[name]}")
    for name in ("namespace_id", "name", "image") if new else ():
        if not told.get(name):
            _wrong(name, "is required")
    _numbers(told)
    _variables(told)
    return told


def _numbers(told: dict[str, Any]) -> None:
    for name, least, most in (
        ("memory_limit_bytes", 128_000_000, 12_228_000_000),
        ("mvcpu_limit", 70, 6000),
        ("max_scale", 1, 50),
        ("port", 1, 65535),
    ):
        if told.get(name) is not None and not least <= told[name] <= most:
            _wrong(name, f"must be between {least} and {most}")
    if told.get("port") in _TAKEN_PORTS:
        _wrong("port", "is reserved")
    if told.get("timeout") and not _DURATION.fullmatch(told["timeout"]):
        _wrong("timeout", "must be a duration")


def _variables(told: dict[str, Any]) -> None:
    visible = told.get("environment_variables") or {}
    secret = told.get("secret_environment_variables") or {}
    if len(visible) + len(secret) > 200:
        _wrong("environment_variables", "are too many")
    if set(visible) & set(secret):
        _wrong("environment_variables", "are secret too")
    for name, value in visible.items():
        if len(value) > 1000:
            _wrong(name, "is longer than 1000 characters")
    for name in (*visible, *secret):
        if name == "PORT" or name.startswith("SCW_"):
            _wrong(name, "is reserved")


def _wrong(argument: str, help_message: str) -> None:
    details = [{"argument_name": argument, "reason": "constraint", "help_message": help_message}]
    raise Refusal(400, "invalid argument(s)", details=details)
