"""A server that speaks Scaleway's Serverless Containers API, v1, as recorded calls show it; for tests.

Start with `server.ScalewayServer`.
"""

from tests.scaleway.server import ScalewayServer

__all__ = ["ScalewayServer"]
