"""Placing a call the way Twilio does: a signed webhook, then the media stream that its TwiML asks for."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import uuid4
from xml.etree import ElementTree

import httpx
from twilio.request_validator import RequestValidator

from ops.phone_line import FarEnd, far_end


@dataclass(frozen=True)
class Instructions:
    """What a TwiML document asks for."""

    said: str
    """By Twilio's own voice."""
    stream_url: str = ""
    token: str = ""
    then: str = ""
    """Asked for what to do when the stream is over and the caller is still there."""

    @classmethod
    def of(cls, twiml: str) -> "Instructions":
        """Read a document.

        Raises:
            ValueError: It is none.
        """
        try:
            root = ElementTree.fromstring(twiml)  # noqa: S314 - from our own gateway
        except ElementTree.ParseError as error:
            raise ValueError(f"not TwiML: {error}") from None
        if root.tag != "Response":
            raise ValueError(f"not TwiML: it begins with {root.tag}")
        said = " ".join(say.text or "" for say in root.iter("Say"))
        stream, parameter = root.find("Connect/Stream"), root.find("Connect/Stream/Parameter[@name='token']")
        return cls(
            said=said,
            stream_url="" if stream is None else stream.get("url", ""),
            token="" if parameter is None else parameter.get("value", ""),
            then=(root.findtext("Redirect") or "").strip(),
        )


@dataclass(frozen=True)
class Network:
    """The telephone network of one account, next to the gateway that it calls."""

    account_sid: str
    auth_token: str
    public_url: str
    """What the gateway believes its address to be; signatures are over it."""
    gateway: str
    """Where it really listens."""

    def signature(self, url: str, fields: Mapping[str, str] | None = None) -> str:
        """As Twilio signs."""
        signed: str = RequestValidator(self.auth_token).compute_signature(url, dict(fields or {}))
        return signed

    async def post(
        self, path: str, fields: Mapping[str, str], signature: str | None = None
    ) -> httpx.Response:
        """One webhook."""
        body = {"AccountSid": self.account_sid, "ApiVersion": "2010-04-01", **fields}
        shown = self.signature(f"{self.public_url}{path}", body) if signature is None else signature
        async with httpx.AsyncClient(base_url=self.gateway, timeout=15) as web:
            return await web.post(path, data=body, headers={"X-Twilio-Signature": shown})

    async def ring(self, fields: Mapping[str, str]) -> Instructions:
        """A call comes in; what shall be done with it.

        Raises:
            httpx.HTTPStatusError: The gateway refuses.
            ValueError: It answers no TwiML.
        """
        answered = await self.post("/phone/voice", fields)
        answered.raise_for_status()
        return Instructions.of(answered.text)

    @asynccontextmanager
    async def connected(self, told: Instructions, call_sid: str) -> AsyncIterator[FarEnd]:
        """The media stream that was asked for, opened where the gateway really listens."""
        local = f"ws{self.gateway.removeprefix('http')}{urlsplit(told.stream_url).path}"
        async with far_end(
            local,
            signature=self.signature(told.stream_url),
            account_sid=self.account_sid,
            call_sid=call_sid,
            token=told.token,
        ) as end:
            yield end


def incoming(caller: str, called: str, *, verstat: str = "TN-Validation-Passed-A") -> dict[str, str]:
    """The fields of a call that comes in."""
    return {
        "CallSid": f"CA{uuid4().hex}",
        "From": caller,
        "To": called,
        "CallStatus": "ringing",
        "Direction": "inbound",
        "StirVerstat": verstat,
    }
