"""Where to deploy to, and with which key: what Terraform printed, and Scaleway's own variables."""

from typing import Literal, Self

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ops.errors import SettingsUnusable
from ops.settings import explained

_NEEDED = ("access_key", "secret_key", "namespace", "registry")


class DeploySettings(BaseSettings):
    """Read once by `cos deploy`; nothing of it reaches a part."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_file=".env", env_ignore_empty=True, populate_by_name=True
    )

    access_key: str = Field("", validation_alias="SCW_ACCESS_KEY")
    """The name of the API key at Scaleway."""
    secret_key: SecretStr = Field(SecretStr(""), validation_alias="SCW_SECRET_KEY")
    """The key itself; it needs the rights ContainersFullAccess and ContainerRegistryFullAccess."""
    api_url: str = Field("https://api.scaleway.com", validation_alias="SCW_API_URL")
    """Another server that speaks Scaleway's API."""
    namespace: str = Field("", validation_alias="DEPLOY_NAMESPACE")
    """The id of the containers' namespace."""
    registry: str = Field("", validation_alias="DEPLOY_REGISTRY")
    """Where images go, such as rg.fr-par.scw.cloud/acme-chief."""
    region: Literal["fr-par", "nl-ams", "pl-waw"] = Field("fr-par", validation_alias="DEPLOY_REGION")
    """Where the namespace is."""
    private_network: str = Field("", validation_alias="DEPLOY_PRIVATE_NETWORK")
    """The id of the network in which database and Redis are."""
    scale: str = Field("", validation_alias="DEPLOY_SCALE")
    """Other numbers of containers than the usual ones: `ledger=1-5 chief=2 seed=0`."""
    timeout_s: float = Field(600, validation_alias="DEPLOY_TIMEOUT_S", gt=0)
    """How long one part may take until it is well, before everything is put back."""

    @classmethod
    def read(cls) -> Self:
        """From environment and `.env`.

        Raises:
            SettingsUnusable: names each variable that is missing or cannot be understood.
        """
        try:
            found = cls.model_validate({})
        except ValidationError as error:
            raise SettingsUnusable(explained(error)) from None
        missing = [_variable(name) for name in _NEEDED if not found._has(name)]
        if missing:
            raise SettingsUnusable(
                f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set. "
                "ops/terraform makes the place and prints them: terraform output -raw settings; "
                "the SCW_ ones are your API key at Scaleway."
            )
        return found

    def _has(self, name: str) -> bool:
        value = getattr(self, name)
        return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)


def _variable(name: str) -> str:
    return str(DeploySettings.model_fields[name].validation_alias)
