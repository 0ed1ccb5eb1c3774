"""Tickets: what a media stream shows at its start, so that it belongs to a call that was let in.

https://www.twilio.com/docs/voice/twiml/stream#custom-parameters: a stream's address carries no query, so
the token comes as a parameter of the `start` message.
"""

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from gateway.phone.errors import Forged
from gateway.phone.parties import Party
from gateway.session.memos import Memos

VALID_S = 60
"""From the webhook's answer to the stream's start; Twilio takes less than a second."""
SEEN_S = 86_400


class _Kept(msgspec.Struct, frozen=True):
    digest: str
    party: Party


@dataclass(frozen=True, slots=True)
class Tickets:
    """Kept where every gateway finds them: the stream may reach another one than the webhook did."""

    memos: Memos

    async def first_time(self, call_sid: str, what: str) -> bool:
        """Whether a webhook comes for the first time for this call."""
        return await self.memos.once(f"phone:seen:{what}:{call_sid}", keep_s=SEEN_S)

    async def issue(self, call_sid: str, party: Party) -> str:
        """A token for the stream of this call; good once."""
        token = secrets.token_urlsafe(32)
        kept = msgspec.json.encode(_Kept(_digest(token), party)).decode()
        await self.memos.put(f"phone:ticket:{call_sid}", kept, keep_s=VALID_S)
        return token

    async def redeem(self, call_sid: str, token: str) -> Party:
        """Who the call is with.

        Raises:
            Forged: No such call was let in, or its stream began already, or this is not its token.
        """
        kept = await self.memos.get(f"phone:ticket:{call_sid}")
        if kept is None:
            raise Forged("no call was let in under this id, or too long ago")
        found = msgspec.json.decode(kept, type=_Kept)
        if not hmac.compare_digest(found.digest, _digest(token)):
            raise Forged("the token is not the call's")
        if not await self.memos.once(f"phone:redeemed:{found.digest}", keep_s=SEEN_S):
            raise Forged("the token was used before")
        await self.memos.drop(f"phone:ticket:{call_sid}")
        return found.party


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
