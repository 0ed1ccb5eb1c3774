"""The OpenAPI document, with what Litestar does not know: our errors, and that bodies are strict."""

from typing import Any

import msgspec
from litestar import Request
from litestar.openapi.plugins import JsonRenderPlugin

from agentops import wire

_PROBLEM = {
    "description": "What went wrong, by its `code`",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
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
    for path in schema["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"].pop("400", None)
                operation["responses"]["default"] = _PROBLEM
    return schema
