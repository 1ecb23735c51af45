"""Settings from the environment. Every missing or wrong one is named at once, in a sentence."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class WrongSettings(Exception):
    """Settings that cannot be used. The message lists each of them with what was expected."""


class Environment(BaseSettings):
    """What differs from one installation to the next."""

    model_config = SettingsConfigDict(extra="ignore")

    database_url: str
    secret_key: SecretStr
    encryption_keys: SecretStr
    gatehouse_url: str = "http://localhost:8000"
    debug: bool = False
    oidc_issuer: str
    oidc_client_id: str = "gatehouse-console"
    oidc_client_secret: SecretStr
    static_root: Path | None = None
    local_login_networks: str = "127.0.0.0/8,::1/128"
    cluster_admin_groups: str = ""

    @field_validator("gatehouse_url", "oidc_issuer")
    @classmethod
    def is_web_address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value

    @field_validator("database_url")
    @classmethod
    def is_postgresql(cls, value: str) -> str:
        if not value.startswith(("postgresql://", "postgres://")):
            raise ValueError("must start with postgresql://")
        return value

    def database(self) -> dict[str, str]:
        """Return the connection as Django's settings name it."""
        url = urlsplit(self.database_url)
        return {
            "NAME": unquote(url.path.lstrip("/")),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": url.hostname or "",
            "PORT": str(url.port or 5432),
        }


def load() -> Environment:
    """Return the settings of this process. Raises WrongSettings that names every wrong one."""
    try:
        return Environment()
    except ValidationError as error:
        # The value itself stays out of the message: it may be a secret. 
        lines = [f"  {'.'.join(map(str, one['loc'])).upper()}: {_sentence(one)}" for one in error.errors()]
        raise WrongSettings(f"{len(lines)} settings are wrong:\n" + "\n".join(lines)) from None


def _sentence(error: object) -> str:
    kind, message = error["type"], error["msg"]  # type: ignore[index]
    return "is missing" if kind == "missing" else message.removeprefix("Value error, ")
