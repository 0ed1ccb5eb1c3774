"""Who may write what: every writing route of the API with a reader's, a worker's and a stranger's key."""

from typing import Any

from tests.integration.ledger.api import Api

SOME_ID = "00000000-0000-0000-0000-000000000000"
METHODS = ("post", "put", "patch", "delete")
PUBLIC = {"/logins/redeem"}
# What a worker may ask for. Without holding a claim it gets nothing of most of it (NEEDS_A_CLAIM).
A_WORKERS = {
    "post /tasks/claim-next", "post /tasks/{task_id}/claim", "post /tasks/{task_id}/heartbeat",
    "post /tasks/{task_id}/complete", "post /tasks/{task_id}/fail", "post /tasks/{task_id}/block",
    "post /tasks/{task_id}/release", "post /tasks/{task_id}/cancel", "post /agents",
    "post /agents/{name}/heartbeat", "post /artifacts", "post /skills", "post /skills/{name}/uses",
    "post /usage", "post /tasks/complete-batch", "post /tasks/settle",
}  # fmt: skip
# These tell of each item by itself; the event log shows that nothing was done.
BATCHES = {"post /tasks/complete-batch"}
ITS_OWN = {"post /tasks/claim-next", "post /tasks/settle", "post /tasks/{task_id}/claim", "post /agents"}
HELD = {"task_id": SOME_ID, "epoch": 1}


class Routes:
    """The OpenAPI document, and a body for each of its requests."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def writes(self) -> list[tuple[str, str, Any]]:
        """Method, path under /api/v1, and the smallest body that is valid."""
        found = []
        for path, operations in self.document["paths"].items():
            short = path.removeprefix("/api/v1").rstrip("/")
            for method in METHODS:
                if method in operations and short not in PUBLIC and path.startswith("/api/v1"):
                    found.append((method, short, self._body(operations[method])))
        return found

    def _body(self, operation: dict[str, Any]) -> Any:
        content = operation.get("requestBody", {}).get("content", {})
        return self.sample(content["application/json"]["schema"]) if "application/json" in content else None

    def sample(self, schema: dict[str, Any]) -> Any:
        """The smallest value that the schema allows."""
        if "$ref" in schema:
            return self.sample(self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
        if "enum" in schema:
            return schema["enum"][0]
        choices = schema.get("oneOf") or schema.get("anyOf")
        if choices:
            return self.sample(choices[0])
        return self._of_kind(schema, schema.get("type"))

    def _of_kind(self, schema: dict[str, Any], kind: str | None) -> Any:
        if kind == "object":
            properties = schema.get("properties", {})
            return {
                name: SOME_ID if name.endswith("_id") else self.sample(properties[name])
                for name in schema.get("required", [])
            }
        if kind == "string":
            return "1" * 64 if "64" in schema.get("pattern", "") else _string(schema)
        if kind == "array":
            return [self.sample(schema["items"])] * schema.get("minItems", 0)
        return {"integer": 1, "number": 1, "boolean": True, "null": None}.get(kind or "null")


def _string(schema: dict[str, Any]) -> str:
    if schema.get("format") == "date-time":
        return "2030-01-01T00:00:00Z"
    return "a" * int(schema.get("minLength", 1))


async def _send(api: Api, method: str, path: str, body: Any, kind: str = "input") -> tuple[int, str]:
    for name in ("{name}", "{session_id}"):
        path = path.replace(name, "main")
    while "{" in path:
        path = path[: path.index("{")] + SOME_ID + path[path.index("}") + 1 :]
    params: dict[str, Any] = {"name": "x", "kind": kind} if path == "/artifacts" else {}
    if params and kind == "output":
        params |= HELD
    response = await api.client.request(method, path, json=body, params=params)
    assert response.content, (method, path, response.status_code)
    return response.status_code, str(response.json().get("code", ""))


async def test_a_reader_may_write_nothing(admin: Api, reader: Api) -> None:
    routes = Routes(await admin.get("/schema")).writes()
    assert len(routes) > 40
    before = await admin.events()
    for method, path, body in routes:
        assert await _send(reader, method, path, body) == (403, "forbidden"), (method, path, body)
    assert await admin.events() == before


async def test_a_worker_may_write_what_it_holds_and_no_more(admin: Api, worker: Api) -> None:
    routes = Routes(await admin.get("/schema")).writes()
    known = {f"{method} {path}" for method, path, _ in routes}
    assert known >= A_WORKERS, sorted(A_WORKERS - known)
    before = await admin.events()
    for method, path, body in routes:
        name = f"{method} {path}"
        if name in ITS_OWN:
            continue
        asked = {**body, **HELD} if name in ("post /skills", "post /skills/{name}/uses") else body
        if name == "post /tasks/{task_id}/cancel":
            asked = {"epoch": 1}
        status, code = await _send(worker, method, path, asked, kind="output")
        if name in A_WORKERS:
            assert status in ((200,) if name in BATCHES else (403, 404, 409)), (name, status, code)
        else:
            assert (status, code) == (403, "forbidden"), name
    assert await admin.events() == before


async def test_without_a_key_nothing_is_written(admin: Api) -> None:
    routes = Routes(await admin.get("/schema")).writes()
    del admin.client.headers["Authorization"]
    for method, path, body in routes:
        assert await _send(admin, method, path, body) == (401, "unauthenticated"), (method, path)
