"""The HTTP application of the conversation."""

from collections.abc import Sequence

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from gateway.web.messages import temporary_folder
from gateway.web.problems import EXCEPTION_HANDLERS
from gateway.web.routes import CONVERSATION, PROBES
from gateway.web.services import Services, provide_services
from gateway.web.watching import WATCHING


def create_app(services: Services, mounted: Sequence[Router] = ()) -> Litestar:
    """Everything that is served; it opens and closes nothing itself.

    Args:
        services: What the routes work with.
        mounted: Ways in of other channels.
    """
    return Litestar(
        route_handlers=[CONVERSATION, WATCHING, PROBES, *mounted],
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
