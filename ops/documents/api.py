"""docs/API.md: every path and every type, from the OpenAPI document that the ledger serves."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from agentops import errors
from ledger.http.app import create_app
from ledger.http.schema import completed
from ops.documents.fields import docs_of, summary_of

Schema = Mapping[str, Any]

_HEAD = """# The ledger's API

<!-- Written by `make docs` from the OpenAPI document. Change the code, not this page. -->

HTTP and JSON under `/api/v1`; the machine-readable document is served at `/api/v1/schema/openapi.json`.
The Python client is [agentops](../ledger/sdk/README.md); what happens to a task is in
[task states](task-states.md).

- **Keys.** `Authorization: Bearer <key>`. A key has a scope: `admin` may do everything, `agent` works on
  tasks that it holds, `reader` reads. Paths marked *no key* need none.
- **Times** are UTC in RFC 3339 and say their zone. **Ids** are UUIDs. Durations carry their unit in the name.
- **Idempotency.** Every POST and PATCH takes `Idempotency-Key` (1 to 200 printable ASCII characters). The
  same request again under the same key gets the first answer, with `Idempotency-Replayed: true`, and changes
  nothing; another request under it gets `idempotency_mismatch`. What was refused is not remembered.
- **Lists** come in pages: `cursor=<next of the page before>`, until `next` is null.
- **Traces.** A `traceparent` header is written into the events that the request causes.
- **Errors** are `application/problem+json` ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) with a stable
  `code`; [below](#errors) is the list.

## Events live

`GET /api/v1/events/stream` upgrades to a WebSocket and takes the query of `GET /api/v1/events`. Each frame is
a JSON array of [Event](#event). With `after` it replays behind that cursor, then goes on live, without a gap
or a repetition; without, it begins now; `after=0` is the beginning. A reader that falls too far behind
gets `{"lagged":true}` and is closed with 1013: connect again behind the last cursor. A refusal is an HTTP
answer to the handshake.
"""


def document() -> str:
    """The page."""
    schema = openapi()
    return "\n".join([_HEAD, *_operations(schema), *_errors(), *_types(schema)]).rstrip() + "\n"


def openapi() -> dict[str, Any]:
    """The document, without a ledger behind it."""
    app = create_app(cast("Any", None))
    return completed(app.openapi_schema.to_schema())


def _operations(schema: Schema) -> Iterator[str]:
    by_tag: dict[str, list[tuple[str, str, Schema]]] = {}
    for path, operations in schema["paths"].items():
        if not path.startswith("/api/v1"):
            continue
        for method, operation in operations.items():
            by_tag.setdefault(operation["tags"][0], []).append((method, path, operation))
    for tag, known in by_tag.items():
        yield f"## Paths: {tag}\n"
        for method, path, operation in known:
            yield from _operation(method, path, operation)


def _operation(method: str, path: str, operation: Schema) -> Iterator[str]:
    public = " *(no key)*" if operation.get("security") == [] else ""
    yield f"### `{method.upper()} {path}`{public}\n"
    yield f"{_sentence(operation.get('description', ''))}\n"
    shown = [one for one in operation.get("parameters", []) if one["in"] == "query"]
    if shown:
        yield "| query | type | meaning |"
        yield "|---|---|---|"
        for one in shown:
            needed = "" if not one.get("required") else "**needed.** "
            meaning = needed + one.get("description", "")
            yield f"| `{one['name']}` | {_type(one['schema'])} | {_cell(meaning)} |"
        yield ""
    body = operation.get("requestBody", {}).get("content", {})
    takes = f"Takes {_content(body)}; answers" if body else "Answers"
    answers = [
        f"{status} {_content(answer.get('content', {}))}".rstrip()
        for status, answer in operation["responses"].items()
        if status != "default"
    ]
    yield f"{takes} {', '.join(answers)}.\n"


def _sentence(text: str) -> str:
    return " ".join(text.split("Raises:")[0].split())


def _content(content: Schema) -> str:
    for media_type, body in content.items():
        if media_type == "*/*":
            return "the raw bytes"
        return _type(body["schema"])
    return ""


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{_title(name)}](#{_anchor(name)})"
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return " \\| ".join(f"`{word}`" for word in schema["enum"])
    for words in ("oneOf", "anyOf"):
        if words in schema:
            return " or ".join(dict.fromkeys(_type(one) for one in schema[words])) + _limits(schema)
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}{_limits(schema)}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"object of {_type(schema['additionalProperties'])}"
    return f"{schema.get('format', kind)}{_limits(schema)}"


def _limits(schema: Schema) -> str:
    words = {
        "minLength": "at least {:,} characters", "maxLength": "up to {:,} characters",
        "maxItems": "up to {:,}",
        "minimum": "≥ {:,}", "maximum": "≤ {:,}", "exclusiveMinimum": "> {:,}", "exclusiveMaximum": "< {:,}",
    }  # fmt: skip
    found = [
        "not empty" if (name, schema[name]) == ("minLength", 1) else text.format(_plain(schema[name]))
        for name, text in words.items()
        if schema.get(name) is not None and (name, schema[name]) != ("minLength", 0)
    ]
    return f" ({', '.join(found)})" if found else ""


def _plain(number: float) -> float:
    """1 rather than 1.0."""
    return int(number) if number == int(number) else number


def _errors() -> Iterator[str]:
    yield "## Errors\n"
    yield "| code | status | class in the SDK | meaning |"
    yield "|---|---|---|---|"
    row = re.compile(r"(\w+) +(\w+)(?: +(\d{3}))?")
    status = ""
    for line in (errors.__doc__ or "").splitlines():
        match = row.search(line)
        if match is None or not hasattr(errors, match[1]):
            continue
        status = match[3] or status
        about = (getattr(errors, match[1]).__doc__ or "").strip().splitlines()[0]
        yield f"| `{match[2]}` | {status} | `{match[1]}` | {_cell(about)} |"
    yield ""


def _types(schema: Schema) -> Iterator[str]:
    yield "## Types\n"
    for name, kind in sorted(schema["components"]["schemas"].items(), key=lambda pair: _title(pair[0])):
        yield f"### {_title(name)}\n"
        if about := summary_of(name):
            yield f"{_sentence(about)}\n"
        if "enum" in kind:
            yield f"One of {', '.join(f'`{word}`' for word in kind['enum'])}.\n"
        if fields := kind.get("properties"):
            yield from _fields(name, fields, kind.get("required", []))


def _fields(name: str, fields: Mapping[str, Schema], needed: list[str]) -> Iterator[str]:
    about = docs_of(name)
    yield "| field | type | meaning |"
    yield "|---|---|---|"
    for field, kind in fields.items():
        mark = "" if field in needed else "?"
        default = kind.get("default")
        given = f" Default `{default}`." if default not in (None, [], {}, "") else ""
        yield f"| `{field}`{mark} | {_type(kind)} | {_cell(about.get(field, '') + given)} |"
    yield ""


def _title(name: str) -> str:
    """`Page_Task_` and the like are Litestar's words for `Page[Task]`."""
    match = re.fullmatch(r"Page_?\[?(?:[\w.]*\.)?(\w+?)_?\]?", name)
    return f"Page of {match[1]}" if match else name


def _anchor(name: str) -> str:
    return _title(name).lower().replace(" ", "-")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").strip()
