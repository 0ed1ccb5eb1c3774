"""HTTP in, the API's rules, containers that come up after a while, or do not; and their own health pages."""

import hashlib
import json
from typing import Any, Self

from aiohttp import web

from tests.scaleway.rules import Refusal, checked

KEY = "11111111-1111-1111-1111-111111111111"
NAMESPACE = "22222222-2222-2222-2222-222222222222"
POLLS_UNTIL_READY = 2
_DEFAULTS: dict[str, Any] = {
    "description": "",
    "min_scale": 0,
    "max_scale": 5,
    "memory_limit_bytes": 2_048_000_000,
    "mvcpu_limit": 1000,
    "timeout": "300s",
    "privacy": "public",
    "protocol": "http1",
    "port": 8080,
    "https_connections_only": False,
    "sandbox": "v2",
    "local_storage_limit_bytes": 1_000_000_000,
    "scaling_option": {"concurrent_requests_threshold": 50},
    "tags": [],
    "command": [],
    "args": [],
    "environment_variables": {},
    "secret_environment_variables": {},
    "region": "fr-par",
}


class ScalewayServer:
    """One namespace with its containers, on a free port of the loopback.

    An image whose tag begins with `broken` never starts; one with `sick` starts and never answers that it is
    well. What happened stands in `calls`, with the secrets as they came in.
    """

    def __init__(self) -> None:
        self.containers: dict[str, dict[str, Any]] = {}
        """Id → as the API shows it."""
        self.secrets: dict[str, dict[str, str]] = {}
        """Id → name → value; the API never shows them."""
        self.calls: list[tuple[str, str]] = []
        """Method and container's name of each change, oldest first."""
        self.refuse_updates_of = ""
        self.url = ""
        self._polls: dict[str, int] = {}
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[_refusals, self._known])
        base = "/containers/v1/regions/fr-par/containers"
        app.router.add_get(base, self._list)
        app.router.add_post(base, self._create)
        app.router.add_get(f"{base}/{{id}}", self._get)
        app.router.add_patch(f"{base}/{{id}}", self._update)
        app.router.add_delete(f"{base}/{{id}}", self._delete)
        app.router.add_get("/run/{name}/{path:.+}", self._health)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def named(self, name: str) -> dict[str, Any]:
        """A container as the API shows it."""
        return next(one for one in self.containers.values() if one["name"] == name)

    def secrets_of(self, name: str) -> dict[str, str]:
        """What its process would find in its environment."""
        return self.secrets[self.named(name)["id"]]

    @web.middleware
    async def _known(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if not request.path.startswith("/run/") and request.headers.get("x-auth-token") != KEY:
            raise Refusal(401, "authentication is denied")
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _list(self, request: web.Request) -> web.Response:
        page, size = int(request.query.get("page", 1)), int(request.query.get("page_size", 20))
        all_of_them = [
            one
            for one in self.containers.values()
            if one["namespace_id"] == request.query.get("namespace_id", one["namespace_id"])
        ]
        part = all_of_them[(page - 1) * size : page * size]
        return web.json_response({"containers": part, "total_count": len(all_of_them)})

    async def _create(self, request: web.Request) -> web.Response:
        told = checked(await request.json(), new=True)
        if told["namespace_id"] != NAMESPACE:
            raise Refusal(404, "resource is not found", resource="namespace")
        if any(one["name"] == told["name"] for one in self.containers.values()):
            raise Refusal(409, "resource already exists")
        number = f"33333333-3333-3333-3333-{len(self.calls):012d}"
        made = {**_DEFAULTS, "id": number, "public_endpoint": f"{self.url}/run/{told['name']}"}
        self.containers[number] = made
        self.secrets[number] = {}
        self._take(made, told, "creating")
        self.calls.append(("create", told["name"]))
        return web.json_response(made)

    async def _update(self, request: web.Request) -> web.Response:
        known = self._one(request)
        if known["name"] == self.refuse_updates_of:
            raise Refusal(409, "resource is in a transient state")
        self._take(known, checked(await request.json(), new=False), "updating")
        self.calls.append(("update", known["name"]))
        return web.json_response(known)

    async def _get(self, request: web.Request) -> web.Response:
        known = self._one(request)
        number = known["id"]
        self._polls[number] -= 1
        if self._polls[number] <= 0 and known["status"] in {"creating", "updating"}:
            broken = known["image"].rpartition(":")[2].startswith("broken")
            known["status"] = "error" if broken else "ready"
            known["error_message"] = "image could not be pulled" if broken else ""
        return web.json_response(known)

    async def _delete(self, request: web.Request) -> web.Response:
        known = self._one(request)
        del self.containers[known["id"]]
        self.calls.append(("delete", known["name"]))
        return web.json_response({**known, "status": "deleting"})

    async def _health(self, request: web.Request) -> web.Response:
        known = self.named(request.match_info["name"])
        sick = known["image"].rpartition(":")[2].startswith("sick")
        expected = "health/live" if known["name"] == "seed" else "health/ready"
        if request.match_info["path"] != expected:
            return web.Response(status=404)
        return web.Response(status=503 if sick else 200)

    def _one(self, request: web.Request) -> dict[str, Any]:
        found = self.containers.get(request.match_info["id"])
        if found is None:
            raise Refusal(404, "resource is not found", resource="container")
        return found

    def _take(self, known: dict[str, Any], told: dict[str, Any], status: str) -> None:
        """A map of secrets replaces the former one; an empty value keeps the one that there is."""
        number = known["id"]
        if (secrets := told.pop("secret_environment_variables", None)) is not None:
            former = self.secrets[number]
            self.secrets[number] = {name: value or former[name] for name, value in secrets.items()}
            known["secret_environment_variables"] = {
                name: f"$argon2id${hashlib.sha256(value.encode()).hexdigest()}"
                for name, value in self.secrets[number].items()
            }
        known |= {name: value for name, value in told.items() if value is not None}
        known["status"] = status
        self._polls[number] = POLLS_UNTIL_READY


@web.middleware
async def _refusals(request: web.Request, handler: Any) -> web.StreamResponse:
    try:
        answer: web.StreamResponse = await handler(request)
    except Refusal as refusal:
        return web.json_response(refusal.body(), status=refusal.status)
    except json.JSONDecodeError:
        return web.json_response({"message": "invalid JSON", "type": "invalid_request"}, status=400)
    return answer
