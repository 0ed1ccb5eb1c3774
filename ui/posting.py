"""`POST /talk/turns`: a message of the chat with its files, handed to the gateway with the person's key."""

import structlog
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ui import strings, wording
from ui.conversation import Conversation
from ui.errors import GatewayRefused, NotSignedIn
from ui.gateway_client import GatewayClient, Upload
from ui.rights import Rights
from ui.said import FileRef

log = structlog.get_logger(__name__)

MAX_FILES = 20
MAX_TEXT_BYTES = 8 * 1024 * 1024
FORM_SLACK_BYTES = MAX_TEXT_BYTES + 64 * 1024


class PostingRoutes:
    """Takes what the chat's composer sends."""

    def __init__(
        self, *, rights: Rights, gateway: GatewayClient, conversation: Conversation, max_upload_bytes: int
    ) -> None:
        self._rights = rights
        self._gateway = gateway
        self._conversation = conversation
        self._max_upload_bytes = max_upload_bytes

    def routes(self) -> tuple[Route, ...]:
        """What to mount."""
        return (Route("/talk/turns", self.post, methods=["POST"]),)

    async def post(self, request: Request) -> Response:
        """Hand one message on; 202 with its turn id, or a problem whose detail is for the person."""
        try:
            return await self._post(request)
        except GatewayRefused as refused:
            log.info("message.refused", code=refused.code, status=refused.status)
            body = {"status": refused.status, "code": refused.code, "detail": refused.detail}
            return JSONResponse(body, refused.status, media_type="application/problem+json")

    async def _post(self, request: Request) -> Response:
        self._check_size(int(request.headers.get("content-length", 0)))
        try:
            key = self._rights.key(request.state.session.id)
            form_context = request.form(max_files=MAX_FILES, max_fields=4, max_part_size=MAX_TEXT_BYTES)
            async with form_context as form:
                text = str(form.get("text", ""))
                files = [file for file in form.getlist("files") if isinstance(file, UploadFile)]
                self._check_size(sum(file.size or 0 for file in files))
                accepted = await self._gateway.post_turn(
                    self._conversation.session_id,
                    key=key,
                    text=text,
                    external_id=str(form.get("external_id", "")),
                    uploads=[_upload(file) for file in files],
                )
                self._conversation.accepted(accepted.turn_id, text, [_pending_file(file) for file in files])
        except NotSignedIn:
            raise GatewayRefused(401, "unauthenticated", strings.SIGNED_OUT_ELSEWHERE) from None
        except HTTPException as error:
            raise GatewayRefused(error.status_code, "validation_failed", str(error.detail)) from error
        return JSONResponse({"turn_id": accepted.turn_id}, 202)

    def _check_size(self, n_bytes: int) -> None:
        if n_bytes > self._max_upload_bytes + FORM_SLACK_BYTES:
            size, limit = wording.size(n_bytes), wording.size(self._max_upload_bytes)
            raise GatewayRefused(413, "too_large", strings.TOO_BIG.format(size=size, limit=limit))


def _upload(file: UploadFile) -> Upload:
    return (file.filename or "file", file.file, file.content_type or "application/octet-stream")


def _pending_file(file: UploadFile) -> FileRef:
    """A file that has no id here until the record of the turn brings it."""
    return FileRef(
        artifact_id="",
        name=file.filename or "file",
        media_type=file.content_type or "application/octet-stream",
        size_bytes=file.size or 0,
    )
