"""The telephone's settings: the only place of this part that reads the environment."""

import re
from enum import StrEnum
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gateway.phone.errors import NumberUnreadable
from gateway.phone.numbers import e164
from gateway.phone.pins import is_hash

_ACCOUNT = re.compile(r"AC[0-9a-f]{32}")


class PinWhen(StrEnum):
    """When a caller from a linked number has to type the PIN before anything is done for them."""

    ALWAYS = "always"
    UNATTESTED = "unattested"
    """Not when the carrier vouches for the number (STIR/SHAKEN, level A), nor when we rang it ourselves."""


class Strangers(StrEnum):
    """What becomes of a call from a number that is not linked."""

    REFUSE = "refuse"
    MESSAGE = "message"
    """They may leave a message for the owner; nothing else is done."""


class Recording(StrEnum):
    """Whether calls may be recorded."""

    OFF = "off"
    ASK = "ask"
    """Every call begins with the question, and only a plain yes begins a recording."""


class PhoneSettings(BaseSettings):
    """Read once at start. Without an account there are no telephone calls; the browser's go on."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,  # an error that quotes its input would quote the token
    )

    account_sid: str = Field(default="", validation_alias="TWILIO_ACCOUNT_SID")
    """The account at Twilio, AC and 32 hex digits; empty means no telephone."""
    auth_token: SecretStr | None = Field(default=None, validation_alias="TWILIO_AUTH_TOKEN")
    """Its secret: signs what Twilio sends us, and lets us ring."""
    number: str = Field(default="", validation_alias="TWILIO_PHONE_NUMBER")
    """The number that people call and that we ring from, such as +14155550100."""
    api_base: str = Field(default="https://api.twilio.com", validation_alias="TWILIO_API_BASE")
    """Another server that speaks Twilio's REST API."""
    public_url: str = Field(default="", validation_alias="PHONE_PUBLIC_URL")
    """Where Twilio reaches the gateway; empty: where PUBLIC_URL leads."""
    panel_url: str = Field(default="", validation_alias="PUBLIC_URL")
    """Where the person's browser opens the panel."""
    owner_numbers: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(), validation_alias="PHONE_OWNER_NUMBERS"
    )
    """The owner's own numbers, separated by commas; others are linked on Telegram by /phone."""
    pin_hash: SecretStr | None = Field(default=None, validation_alias="PHONE_PIN_HASH")
    """What `cos phone pin` printed; without a PIN, whoever would have to type one is not let in."""
    pin_when: PinWhen = Field(default=PinWhen.ALWAYS, validation_alias="PHONE_PIN_WHEN")
    """`always`, or `unattested`: not when the carrier vouches for the caller's number."""
    strangers: Strangers = Field(default=Strangers.REFUSE, validation_alias="PHONE_STRANGERS")
    """What becomes of unknown callers: `refuse`, or `message` to let them leave one."""
    recording: Recording = Field(default=Recording.OFF, validation_alias="PHONE_RECORDING")
    """`off`, or `ask`: a call begins with the question, and is recorded after a plain yes."""
    max_calls: int = Field(default=8, ge=1, le=200, validation_alias="PHONE_MAX_CALLS")
    """Calls at once in one gateway; whoever comes then hears that all lines are busy."""
    drain_s: float = Field(default=120, ge=0, le=3_600, validation_alias="PHONE_DRAIN_S")
    """How long a gateway that is to stop waits for its calls to end."""
    rings_per_day: int = Field(default=20, ge=0, le=1_000, validation_alias="PHONE_RINGS_PER_DAY")
    """The most calls that we place in a day; 0 rings nobody."""
    ring_tries: int = Field(default=2, ge=1, le=5, validation_alias="PHONE_RING_TRIES")
    """How often a line that is busy or failed is tried."""
    ring_pause_s: float = Field(default=30, ge=0, le=600, validation_alias="PHONE_RING_PAUSE_S")
    """Between these tries, in seconds."""
    ring_for_s: int = Field(default=25, ge=5, le=120, validation_alias="PHONE_RING_FOR_S")
    """How long it rings before nobody is taken to be there, in seconds."""
    voicemail: bool = Field(default=True, validation_alias="PHONE_VOICEMAIL")
    """Whether an answering machine is told who called; never what about."""

    @property
    def connected(self) -> bool:
        """Whether there is a telephone: an account, and a number of it."""
        return bool(self.account_sid and self.number)

    @property
    def reached_at(self) -> str:
        """Base of the addresses that Twilio is given."""
        return (self.public_url or self.panel_url).rstrip("/")

    @field_validator("account_sid")
    @classmethod
    def _an_account(cls, sid: str) -> str:
        sid = sid.strip()
        if sid and _ACCOUNT.fullmatch(sid) is None:
            raise ValueError("not an account: Twilio's console shows one that begins with AC")
        return sid

    @field_validator("number")
    @classmethod
    def _our_number(cls, number: str) -> str:
        return _number(number) if number.strip() else ""

    @field_validator("owner_numbers", mode="before")
    @classmethod
    def _numbers(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return frozenset(_number(part) for part in value.split(",") if part.strip())

    @field_validator("api_base", "public_url")
    @classmethod
    def _a_web_address(cls, base: str) -> str:
        base = base.strip().rstrip("/")
        if base and not (base.startswith(("http://", "https://")) and urlsplit(base).netloc):
            raise ValueError("not a web address: it begins with http:// or https://")
        return base

    @field_validator("pin_hash")
    @classmethod
    def _hashed(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not is_hash(value.get_secret_value()):
            raise ValueError("not the hash of a PIN: run `cos phone pin` and take the line that it prints")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.account_sid and self.auth_token is None:
            raise ValueError("TWILIO_ACCOUNT_SID needs TWILIO_AUTH_TOKEN beside it")
        return self


def _number(text: str) -> str:
    try:
        return e164(text)
    except NumberUnreadable as error:
        raise ValueError(str(error)) from None
