"""The OpenAPI document, with what Litestar does not know: our errors, strict bodies, raw ones, keys."""

from typing import Any

import msgspec
from litestar import Request
from litestar.openapi.plugins import JsonRenderPlugin

from agentops import wire
from ledger.http.idempotency import HEADER, MAX_KEY

_PROBLEM = {
    "description": "What went wrong, by its `code`",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_PUBLIC = ("/health/live", "/health/ready", "/logins/redeem")
_BYTES = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
_IDEMPOTENCY_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Names this change: the same request again changes nothing and gets the same answer",
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": "^[ -~]*$"},
}


class StrictJson(JsonRenderPlugin):
    """The document as JSON."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        return super().render(request, completed(openapi_schema))


def completed(schema: dict[str, Any]) -> dict[str, Any]:
    """Every route may answer with a problem; no request takes a field that it does not know."""
    schemas = schema["components"]["schemas"]
    schemas["Problem"] = msgspec.json.schema(wire.Problem)["$defs"]["Problem"]
    for name in schemas:
        kind = getattr(wire, name, None)
        if isinstance(kind, type) and issubclass(kind, wire.Request):
            schemas[name]["additionalProperties"] = False
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            if isinstance(operation, dict) and "responses" in operation:
                _complete(path, method, operation)
    return schema


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """May be done again to the same operation."""
    operation["responses"].pop("400", None)
    operation["responses"]["default"] = _PROBLEM
    if path.endswith(_PUBLIC):
        operation["security"] = []
    known = operation.setdefault("parameters", [])
    if method in ("post", "patch") and _IDEMPOTENCY_KEY not in known:
        known.append(_IDEMPOTENCY_KEY)
    if path.endswith("/artifacts") and method == "post":
        operation["requestBody"] = {"required": True, "content": _BYTES}
    if path.endswith("/content"):
        operation["responses"]["200"]["content"] = _BYTES
        operation["responses"]["304"] = {"description": "You have it: If-None-Match is its ETag"}
