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
LASTS_S = 2 * 3_600
"""Longer than any call."""
MOST_LEGS = 4
"""A stream that breaks again and again is given up."""


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
        await self.memos.put(_talking(call_sid), msgspec.json.encode(found.party).decode(), keep_s=LASTS_S)
        return found.party

    async def over(self, call_sid: str) -> None:
        """The call ends because one side wants it to: no stream of it may begin any more."""
        await self.memos.drop(_talking(call_sid))

    async def cut_off(self, call_sid: str) -> Party | None:
        """Who talked in a call whose stream broke, for its next leg; None if it is over."""
        kept = await self.memos.get(_talking(call_sid))
        if kept is None:
            return None
        party = msgspec.json.decode(kept, type=Party)
        return msgspec.structs.replace(party, leg=party.leg + 1) if party.leg < MOST_LEGS else None


def _talking(call_sid: str) -> str:
    return f"phone:talking:{call_sid}"


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
