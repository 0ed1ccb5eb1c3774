"""/artifacts: files in and out, streamed."""

import re
import uuid
from typing import Annotated
from urllib.parse import quote

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from agentops.wire import Artifact, Page
from ledger.artifacts import catalogue
from ledger.artifacts.catalogue import NewArtifact
from ledger.caller import Caller
from ledger.errors import ArtifactNotFound, TooLarge, ValidationFailed
from ledger.http.idempotency import answer, fingerprint_of
from ledger.http.query import Limit, SomeText, one_uuid
from ledger.http.services import HttpRequest, Services
from ledger.ids import known

_MEDIA_TYPE = re.compile(r"[\w.+-]{1,80}/[\w.+-]{1,80}(\s*;[\x20-\x7e]{0,60})?", re.ASCII)


def _id(artifact_id: str) -> str:
    return known(artifact_id, ArtifactNotFound, "artifact")


@post("/", request_max_body_size=None)
async def upload(
    request: HttpRequest,
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    name: Annotated[str, QueryParameter(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")],
    task_id: SomeText = None,
    epoch: Annotated[int | None, QueryParameter(ge=0, le=2**31 - 1)] = None,
    kind: Annotated[str | None, QueryParameter(pattern="^(input|output|record)$")] = None,
) -> Response[Artifact]:
    """Store the request's raw body. A worker gives `task_id` and `epoch` of a task that it holds."""
    new = NewArtifact(
        id=str(uuid.uuid4()),
        name=name,
        media_type=_media_type(request),
        kind=kind or ("input" if task_id is None else "output"),
        task_id=one_uuid(task_id, "task_id"),
        epoch=epoch,
    )
    await catalogue.allow(caller, new)
    _check_announced_size(request, services.store.max_bytes)
    stored = await services.store.save(new.id, request.stream())
    try:
        fingerprint = await fingerprint_of(request, f"{new.media_type}\n{stored.sha256}".encode())
        response = await answer(
            request,
            services,
            caller,
            lambda: catalogue.add(caller, new, stored),
            status=201,
            fingerprint=fingerprint,
        )
    except BaseException:
        await services.store.delete(new.id)
        raise
    if "Idempotency-Replayed" in response.headers:
        await services.store.delete(new.id)
    return response


def _check_announced_size(request: HttpRequest, max_bytes: int) -> None:
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced[:20]) > max_bytes:
        raise TooLarge(f"an artifact may have {max_bytes:,} bytes")


def _media_type(request: HttpRequest) -> str:
    given = request.headers.get("content-type", "application/octet-stream")
    if not _MEDIA_TYPE.fullmatch(given):
        raise ValidationFailed("Content-Type: give the file's media type, as text/csv")
    return given


@get("/")
async def list_artifacts(
    services: NamedDependency[Services], task_id: SomeText = None, limit: Limit = 100
) -> Page[Artifact]:
    """A task's artifacts, inputs first; without a task, the newest of all."""
    wanted = one_uuid(task_id, "task_id")
    if wanted is None:
        return await catalogue.newest(services.db, limit)
    return await catalogue.of_task(services.db, wanted)


@get("/{artifact_id:str}")
async def get_artifact(services: NamedDependency[Services], artifact_id: FromPath[str]) -> Artifact:
    """What is known of an artifact."""
    return await catalogue.get_artifact(services.db, _id(artifact_id))


@get("/{artifact_id:str}/content")
async def get_content(
    request: HttpRequest, services: NamedDependency[Services], artifact_id: FromPath[str]
) -> Response[bytes] | Stream:
    """The bytes. They never change: the ETag is their SHA-256."""
    artifact = await catalogue.get_artifact(services.db, _id(artifact_id))
    etag = f'"{artifact.sha256}"'
    headers = {
        "ETag": etag,
        "Cache-Control": "private, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
        # Nothing that was uploaded may run as a page of this origin.
        "Content-Security-Policy": "sandbox",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(artifact.name, safe='')}",
    }
    if request.headers.get("if-none-match") == etag:
        return Response(b"", status_code=304, headers=headers, media_type=artifact.media_type)
    headers["Content-Length"] = str(artifact.size_bytes)
    chunks = await services.store.stream(artifact.id)
    return Stream(chunks, headers=headers, media_type=artifact.media_type)


ROUTER = Router(
    "/artifacts", route_handlers=[upload, list_artifacts, get_artifact, get_content], tags=["artifacts"]
)
