"""The HTTP application of the conversation."""

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from gateway.web.messages import temporary_folder
from gateway.web.problems import EXCEPTION_HANDLERS
from gateway.web.routes import CONVERSATION, PROBES
from gateway.web.services import Services, provide_services


def create_app(services: Services) -> Litestar:
    """Everything that is served; it opens and closes nothing itself."""
    return Litestar(
        route_handlers=[CONVERSATION, PROBES],
        dependencies={
            "services": Provide(provide_services, sync_to_thread=False),
            "folder": Provide(temporary_folder),
        },
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=OpenAPIConfig(
            title="Chief of Staff conversation",
            version="1",
            path="/api/v1/schema",
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        ),
        state=State({"services": services}),
        logging_config=None,
    )
