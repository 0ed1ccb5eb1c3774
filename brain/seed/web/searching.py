"""Searching the web by an HTTP endpoint of one's choice that answers JSON, as SearXNG and Brave do."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import httpx
import msgspec
from pydantic import SecretStr

from brain.seed.errors import FetchRefused

_MOST_FOUND = 10
_LONGEST_SNIPPET = 500


@dataclass(frozen=True)
class Found:
    """One result."""

    title: str
    url: str
    snippet: str


@dataclass(frozen=True)
class Search:
    """A provider.

    Attributes:
        endpoint: Its URL, with `{query}` where the words go.
        key: Sent as a bearer token and as X-Subscription-Token, if there is one.
        timeout_s: For an answer.
    """

    endpoint: str
    key: SecretStr | None = None
    timeout_s: float = 15.0

    async def find(self, words: str) -> list[Found]:
        """The first ten results.

        Raises:
            FetchRefused: The provider did not answer, or not in a way that can be read.
        """
        url = self.endpoint.replace("{query}", quote_plus(words))
        headers = {"Accept": "application/json"}
        if self.key:
            secret = self.key.get_secret_value()
            headers |= {"Authorization": f"Bearer {secret}", "X-Subscription-Token": secret}
        try:
            async with httpx.AsyncClient(timeout=self.timeout_s) as client:
                answer = await client.get(url, headers=headers)
                answer.raise_for_status()
                return _read(msgspec.json.decode(answer.content))
        except httpx.HTTPStatusError as error:
            raise FetchRefused(f"The search provider answered {error.response.status_code}.") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise FetchRefused(f"The search provider did not answer ({type(error).__name__}).") from None
        except (msgspec.MsgspecError, ValueError) as error:
            raise FetchRefused("The search provider's answer cannot be read.") from error


def _read(answer: Any) -> list[Found]:
    """`results` at the top (SearXNG and many others) or below `web` (Brave)."""
    answer = answer if isinstance(answer, dict) else {}
    below = answer.get("web")
    rows = answer.get("results") or (below.get("results") if isinstance(below, dict) else None) or []
    found = [_one(row) for row in rows if isinstance(row, dict) and row.get("url")]
    return found[:_MOST_FOUND]


def _one(row: dict[str, Any]) -> Found:
    snippet = row.get("content") or row.get("description") or row.get("snippet") or ""
    return Found(str(row.get("title", "")), str(row["url"]), str(snippet)[:_LONGEST_SNIPPET])
