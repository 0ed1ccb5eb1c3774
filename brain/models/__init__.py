"""From `COS_MODEL` to a model that answers, or says honestly why it does not.

Owns the choice of the provider (`choosing`, `providers`), the connections that its calls share
(`connections`), what goes wrong with one (`failures`), and the model in front of them all (`steady`), which
tries again, goes on with the next, and lets nothing half done through.

A vendor's package is imported when its model is built, so that a process carries only what it uses. May
import `brain.settings`, Strands and vendors' packages; never the chief. Start with `mind`.
"""

from brain.models.choosing import OFFLINE, ModelChoice, ModelUnavailableError, chain, choose
from brain.models.failures import ModelFailed, Reason
from brain.models.mind import Mind, mind
from brain.models.providers import PROVIDERS, build
from brain.models.usage import ModelCall, price_usd

__all__ = [
    "OFFLINE",
    "PROVIDERS",
    "Mind",
    "ModelCall",
    "ModelChoice",
    "ModelFailed",
    "ModelUnavailableError",
    "Reason",
    "build",
    "chain",
    "choose",
    "mind",
    "price_usd",
]
