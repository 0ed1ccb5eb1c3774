"""The web application around NiceGUI: our own routes, the guard before the pages, headers on everything."""

import mimetypes
from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI
from nicegui import app as nicegui_app
from nicegui import core, ui
from nicegui.storage import Storage
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from agentops.keys import KeyVerifier
from ui import plain, signatures, strings, theme
from ui.auth import Guard
from ui.security import SecurityHeaders
from ui.sessions import SessionStore

RECONNECT_S = 8.0
_FOREVER = "public, max-age=31536000, immutable"
_HEAD = (
    '<script src="/static/theme.js"></script>'
    '<script src="/static/rows.js" defer></script>'
    '<link rel="icon" href="/static/icon.svg" type="image/svg+xml">'
    '<link rel="stylesheet" href="{stylesheet}">'
)


def build(
    routes: Sequence[BaseRoute],
    *,
    sessions: SessionStore,
    verifier: KeyVerifier,
    storage: Path,
    secure_cookies: bool,
    ways: plain.Ways,
) -> FastAPI:
    """The whole application; the pages are registered already."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.router.routes.extend([*routes, *_static_routes()])
    # The last one added is the outermost.
    app.add_middleware(Guard, sessions=sessions, verifier=verifier, secure_cookies=secure_cookies, ways=ways)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(GZipMiddleware, minimum_size=500, compresslevel=6)
    _mount_pages(app, storage)
    return app


def _mount_pages(app: FastAPI, storage: Path) -> None:
    signatures.remember()
    Storage.path = storage  # NiceGUI would write into the working directory
    ui.add_head_html(_HEAD.format(stylesheet=theme.stylesheet_path()), shared=True)
    nicegui_app.exception_handler(404)(_not_found)
    nicegui_app.exception_handler(500)(_broken)
    ui.run_with(
        app,
        title=strings.APP,
        language="en-US",
        dark=None,
        tailwind=False,
        favicon=theme.STATIC / "icon.svg",
        reconnect_timeout=RECONNECT_S,
        binding_refresh_interval=None,
        gzip_middleware_factory=None,
        show_welcome_message=False,
    )
    core.app.config.quasar_config["loadingBar"] = {"skipHijack": True}


def _static_routes() -> list[Route]:
    async def stylesheet(_: Request) -> Response:
        return Response(theme.stylesheet(), media_type="text/css", headers={"Cache-Control": _FOREVER})

    return [Route(theme.stylesheet_path(), stylesheet), Route("/static/{name}", _static)]


async def _static(request: Request) -> Response:
    path = theme.STATIC / request.path_params["name"]
    if path.parent != theme.STATIC or not path.is_file():
        return plain.not_found()
    media_type = mimetypes.guess_type(path.name)[0]
    return FileResponse(path, media_type=media_type, headers={"Cache-Control": "public, max-age=3600"})


async def _not_found(_: Request, __: HTTPException) -> Response:
    return plain.not_found()


async def _broken(_: Request, __: Exception) -> Response:
    return plain.broken()
