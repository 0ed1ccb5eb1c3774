"""Twilio on this machine: its REST API for calls and numbers, and the telephone network behind it.

Strict: what Twilio refuses is refused, with its codes. Calls that are placed really ring: webhooks are signed
and sent, TwiML is obeyed, media streams are opened by `ops.phone_line`. Start with `server`.
"""

from tests.twilioapi.behaviour import Callee, Takes
from tests.twilioapi.server import TwilioServer

__all__ = ["Callee", "Takes", "TwilioServer"]
