"""`/files/{artifact_id}`: artifacts with the right of the session, never as a page of the panel.

Only sounds, and pictures of formats that cannot hold script, are shown by the browser itself; everything
else, HTML and SVG among it, is a download, sandboxed on top.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from agentops.errors import AgentOpsError, NotFound
from agentops.wire import Artifact, ArtifactId
from ui import plain, strings
from ui.rights import Rights

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"})

SOUNDS = frozenset(
    {
        "audio/mpeg",
        "audio/ogg",
        "audio/wav",
        "audio/x-wav",
        "audio/webm",
        "audio/mp4",
        "audio/flac",
        "audio/aac",
    }
)


def is_sound(media_type: str) -> bool:
    """Whether the panel plays this kind of file."""
    return media_type.partition(";")[0].strip().lower() in SOUNDS


def is_picture(media_type: str) -> bool:
    """Whether the panel shows this kind of file as a picture."""
    return media_type.partition(";")[0].strip().lower() in PICTURES


def address(artifact_id: str, *, download: bool = False) -> str:
    """Where the panel serves an artifact."""
    return f"/files/{quote(artifact_id, safe='')}" + ("?download=1" if download else "")


class FileRoutes:
    """Serves artifacts."""

    def __init__(self, rights: Rights) -> None:
        self._rights = rights

    def routes(self) -> tuple[Route, ...]:
        """What to mount."""
        return (Route("/files/{artifact_id}", self.file, methods=["GET"]),)

    async def file(self, request: Request) -> Response:
        """Stream one artifact."""
        artifact_id = ArtifactId(request.path_params["artifact_id"])
        ops = await self._rights.client(request.state.session.id)
        opened = AsyncExitStack()
        try:
            artifact = await ops.get_artifact(artifact_id)
            if request.headers.get("if-none-match") == _etag(artifact):
                return Response(status_code=304)
            pieces = await opened.enter_async_context(ops.stream(artifact_id))
        except NotFound:
            return plain.not_found()
        except AgentOpsError as error:
            body = {"status": 503, "code": error.code, "detail": strings.LEDGER_UNAVAILABLE}
            return JSONResponse(body, 503, media_type="application/problem+json")
        shown = is_picture(artifact.media_type) or is_sound(artifact.media_type)
        inline = shown and "download" not in request.query_params
        return StreamingResponse(_closing(pieces, opened), headers=_headers(artifact, inline=inline))


async def _closing(pieces: AsyncIterator[bytes], opened: AsyncExitStack) -> AsyncIterator[bytes]:
    async with opened:
        async for piece in pieces:
            yield piece


def _headers(artifact: Artifact, *, inline: bool) -> dict[str, str]:
    disposition = "inline" if inline else "attachment"
    return {
        "Content-Type": artifact.media_type.partition(";")[0] if inline else "application/octet-stream",
        "Content-Length": str(artifact.size_bytes),
        "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(artifact.name, safe='')}",
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        "ETag": _etag(artifact),
        "Cache-Control": "private, max-age=31536000, immutable",
    }


def _etag(artifact: Artifact) -> str:
    return f'"{artifact.sha256}"'
