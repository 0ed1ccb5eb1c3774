"""What ought to run: each part's container, told what it reads and no more. Pure."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ops.deploy.settings import DeploySettings
from ops.deploy.sizes import Size
from ops.errors import SettingsUnusable
from ops.parts import PARTS

_SECRET = re.compile(r"TOKEN|KEY|SECRET|PASSWORD|PIN_HASH|ACCOUNT_SID|_NUMBERS?$|^DATABASE_URL$|^REDIS_URL$")
_KEYS = {"chief": "ADMIN", "gateway": "ADMIN", "seed": "AGENT", "ui": "READER"}
_REDIS = ("ledger", "chief", "gateway")
_MODELS = ("chief", "seed", "ui")
_LOGGING = ("LOG_LEVEL", "OTEL_EXPORTER_OTLP_ENDPOINT", "COS_SESSION")


@dataclass(frozen=True)
class Wanted:
    """One container as it ought to be."""

    part: str
    image: str
    size: Size
    environment: Mapping[str, str]
    secrets: Mapping[str, str]
    private_network: str

    @property
    def fingerprint(self) -> str:
        """The same for the same settings; tells nothing about the secrets among them."""
        told = json.dumps([dict(self.environment), dict(self.secrets)], sort_keys=True)
        key = json.dumps(dict(self.secrets), sort_keys=True).encode()
        return hmac.new(key, told.encode(), hashlib.sha256).hexdigest()[:16]


def wanted(
    part: str,
    size: Size,
    told: Mapping[str, str],
    settings: DeploySettings,
    release: str,
    addresses: Mapping[str, str],
) -> Wanted:
    """One part of a release.

    Args:
        part: Which.
        size: Of its container.
        told: What stands in the environment and in `.env`.
        settings: Where to.
        release: The images' tag.
        addresses: Part → the URL of its container, as far as there is one.

    Raises:
        SettingsUnusable: The part cannot work without a variable that is not set.
    """
    variables = {**_passed(part, told), **_own(part, size, told, addresses)}
    return Wanted(
        part=part,
        image=image(settings.registry, part, release),
        size=size,
        environment={name: value for name, value in variables.items() if not _SECRET.search(name)},
        secrets={name: value for name, value in variables.items() if _SECRET.search(name)},
        private_network=settings.private_network,
    )


def image(registry: str, part: str, release: str) -> str:
    """What a part's image is called."""
    return f"{registry.rstrip('/')}/chief-of-staff-{part}:{release}"


def _passed(part: str, told: Mapping[str, str]) -> dict[str, str]:
    """What is said for the part itself. The object store's credentials are the ledger's alone."""
    rules = [*PARTS[part].passes, *_LOGGING]
    if part != "ledger" and not told.get("COS_MODEL", "").startswith("bedrock"):
        rules = [rule for rule in rules if not rule.startswith("AWS_")]
    return {
        name: value
        for name, value in told.items()
        if any(name == rule or (rule.endswith("_") and name.startswith(rule)) for rule in rules)
        and not name.startswith("LEDGER_BOOTSTRAP_")
        and name not in {"LEDGER_URL", "LEDGER_API_KEY"}
    }


def _own(part: str, size: Size, told: Mapping[str, str], addresses: Mapping[str, str]) -> dict[str, str]:
    """What follows from the place and from the other parts."""
    found = {f"{part.upper()}_PORT": str(size.port), "LOG_FORMAT": "json"}
    if part == "ledger":
        found |= {
            f"LEDGER_BOOTSTRAP_{scope}_KEY": _key(told, scope) for scope in ("ADMIN", "AGENT", "READER")
        }
        found |= {name: _needed(told, name) for name in ("DATABASE_URL", "LEDGER_ARTIFACTS")}
    else:
        found |= {"COS_AWAIT_LEDGER": "true", "LEDGER_API_KEY": _key(told, _KEYS[part])}
        found |= _urls(part, told, addresses)
    if part in _REDIS:
        found["REDIS_URL"] = _needed(told, "REDIS_URL")
    if part == "ui":
        found["UI_STORAGE_SECRET"] = _needed(told, "UI_STORAGE_SECRET")
    return found


def _urls(part: str, told: Mapping[str, str], addresses: Mapping[str, str]) -> dict[str, str]:
    """Where the others are, as far as it is known by now; what people said themselves goes before."""
    found = {"LEDGER_URL": told.get("LEDGER_URL") or addresses.get("ledger", "")}
    if part in {"gateway", "ui"}:
        found["CHIEF_URL"] = addresses.get("chief", "")
        found["PUBLIC_URL"] = told.get("PUBLIC_URL") or addresses.get("ui", "")
    if part == "ui":
        found["GATEWAY_URL"] = addresses.get("gateway", "")
    if part == "gateway" and told.get("TWILIO_ACCOUNT_SID"):
        found["PHONE_PUBLIC_URL"] = told.get("PHONE_PUBLIC_URL") or addresses.get("gateway", "")
    return {name: value for name, value in found.items() if value}


def _key(told: Mapping[str, str], scope: str) -> str:
    return _needed(told, f"LEDGER_BOOTSTRAP_{scope}_KEY")


def _needed(told: Mapping[str, str], name: str) -> str:
    if value := told.get(name):
        return value
    raise SettingsUnusable(
        f"{name} is not set. ops/terraform prints it: terraform output -raw settings > .env"
    )
