"""The Bot API's schema as checks on what goes in and out, and as the key to reading form fields."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

from tests.botapi.trim_schema import TRIMMED


@cache
def _schema() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(TRIMMED.read_text("utf-8"))
    return loaded


@cache
def _validator(part: str, method: str | None) -> Draft7Validator:
    root = _schema()[part] if method is None else _schema()[part][method]
    return Draft7Validator({**root, "definitions": _schema()["definitions"]})


def is_method(name: str) -> bool:
    """Whether the trimmed schema knows the method; the API itself has more of them."""
    return name in _schema()["params"]


def params_fault(method: str, params: dict[str, Any]) -> str | None:
    """What the schema has against the parameters of a call; None if nothing."""
    return _fault(_validator("params", method), params)


def result_fault(method: str, result: object) -> str | None:
    """What the schema has against the result of a call; None if nothing."""
    return _fault(_validator("returns", method), result)


def update_fault(update: dict[str, Any]) -> str | None:
    """What the schema has against an update; None if nothing."""
    return _fault(_validator("update", None), update)


def read_field(method: str, name: str, value: Any) -> Any:
    """Turn a form field's text into what the schema says the parameter is."""
    if not isinstance(value, str):
        return value
    types = _types(_resolved(_schema()["params"][method]).get("properties", {}).get(name, {}))
    if "number" in types and value.lstrip("-").isdigit():
        return int(value)
    if "string" in types:
        return value
    if types & {"object", "array", "boolean", "number"}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _types(schema: dict[str, Any]) -> set[str]:
    schema = _resolved(schema)
    own = schema.get("type", [])
    found = {own} if isinstance(own, str) else set(own)
    for option in schema.get("anyOf", []):
        found |= _types(option)
    return found


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = _schema()["definitions"][schema["$ref"].rsplit("/", 1)[-1]]
    return schema


def _fault(validator: Draft7Validator, value: object) -> str | None:
    error = best_match(validator.iter_errors(value))
    return None if error is None else f"{error.json_path}: {error.message}"
