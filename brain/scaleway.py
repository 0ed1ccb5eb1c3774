"""Scaleway's Serverless Containers, asked through its own library. https://www.scaleway.com/en/developers/api"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import requests
from scaleway_async import Client
from scaleway_async.container.v1 import ContainerV1API
from scaleway_core.api import ScalewayException

T = TypeVar("T")
_ANSWER_S = 60


class ScalewayFailed(Exception):
    """Why there is no answer, in words for people; no key is in them."""


def containers_api(
    *, access_key: str, secret_key: str, api_url: str, region: str, named: str
) -> ContainerV1API:
    """The library's calls, with this key.

    Args:
        access_key: Like SCWXXXXXXXXXXXXXXXXX.
        secret_key: Like a UUID.
        api_url: The API's address.
        region: Such as fr-par.
        named: What the names of these settings begin with, for errors.

    Raises:
        ScalewayFailed: One of them cannot be.
    """
    client = Client(
        access_key=access_key, secret_key=secret_key, api_url=api_url.rstrip("/"), default_region=region
    )
    try:
        return ContainerV1API(client)
    except ValueError:
        # The library's own words repeat the key.
        raise ScalewayFailed(
            f"{named}_ACCESS_KEY is like SCWXXXXXXXXXXXXXXXXX, {named}_SECRET_KEY like a UUID, "
            f"{named}_API_URL an address: one of them is not."
        ) from None


async def asked(call: Coroutine[Any, Any, T], *, named: str) -> T:
    """The answer to one call.

    The library blocks while it waits, and for any time: in a thread, our limit holds.

    Raises:
        ScalewayFailed: It refuses, or does not answer.
    """
    begun = False

    def ran() -> T:
        nonlocal begun
        begun = True
        return asyncio.run(call)

    try:
        async with asyncio.timeout(_ANSWER_S):
            return await asyncio.to_thread(ran)
    except ScalewayException as refused:
        raise ScalewayFailed(f"Scaleway refuses: {_reason(refused)}") from None
    except requests.RequestException:
        raise ScalewayFailed(
            f"Scaleway does not answer. Is {named}_API_URL right, and is there a network?"
        ) from None
    except TimeoutError:
        raise ScalewayFailed(f"Scaleway did not answer within {_ANSWER_S} s.") from None
    finally:
        if not begun:  # cancelled before any thread was free
            call.close()


def _reason(refused: ScalewayException) -> str:
    try:
        said = refused.response.json()
    except ValueError:
        return f"status {refused.status_code}"
    details = "; ".join(
        f"{one.get('argument_name', '')}: {one.get('help_message') or one.get('reason', '')}"
        for one in said.get("details", [])
    )
    words = str(said.get("message", f"status {refused.status_code}"))
    return f"{words} ({details})" if details else words
