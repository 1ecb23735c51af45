"""Settings from the environment. Every wrong one is named at once, in our own words, without its secret."""

import base64
import binascii
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PROJECT = Path(__file__).resolve().parent.parent
ENV_FILE = PROJECT / "var" / "run" / "env"
"""What `make run` generated. It is read where the environment does not say otherwise."""

Network = IPv4Network | IPv6Network


class WrongSettings(Exception):
    """One or more settings are missing or wrong. The message names them all, one a line."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.sentences = tuple(sentences)
        count = len(self.sentences)
        head = "1 setting is wrong:" if count == 1 else f"{count} settings are wrong:"
        super().__init__("\n".join([head, *(f"  {sentence}" for sentence in self.sentences)]))


def _web_address(value: str) -> str:
    """The address without a slash at its end."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"must start with http:// or https:// (got '{value}')")
    if not parts.hostname:
        raise ValueError(f"names no host (got '{value}')")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must hold no user name, password, '?' or '#'")
    return value.rstrip("/")


def _database_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ValueError(
            "must start with postgresql://, for example postgresql://user:password@host:5432/gatehouse"
        )
    if not parts.path.strip("/"):
        raise ValueError("names no database: it ends in /name")
    return value


def _keys(value: Any) -> Any:
    """The text as it is, when it is a list like `id:base64key,id:base64key` with 32 bytes a key."""
    if not isinstance(value, str):
        return value
    names: list[str] = []
    for entry in (part.strip() for part in value.split(",") if part.strip()):
        name, colon, text = entry.partition(":")
        if not colon or not name:
            raise ValueError("is a list like id:base64key,id:base64key; the first key encrypts, all decrypt")
        if name in names:
            raise ValueError(f"names the key '{name}' twice")
        _check_key(name=name, text=text)
        names.append(name)
    if not names:
        raise ValueError("holds no key")
    return value


def _check_key(*, name: str, text: str) -> None:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"key '{name}' is not base64") from None
    if len(key) != 32:
        raise ValueError(f"key '{name}' has {len(key)} bytes; 32 are needed: `openssl rand -base64 32`")


def _networks(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
    except ValueError as error:
        raise ValueError(f"is a list of networks like 127.0.0.0/8,::1/128: {error}") from None


def _group_paths(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    paths = tuple(part.strip() for part in value.split(",") if part.strip())
    if not all(path.startswith("/") and path != "/" for path in paths):
        raise ValueError("is a list of full group paths like /platform/admins,/operations")
    return paths


def _rights(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    names = tuple(part.strip() for part in value.split(",") if part.strip())
    if not names:
        raise ValueError("names nothing")
    if not all(all(name.removeprefix("/").split("/")) for name in names):
        raise ValueError("is a list like realm-management/realm-admin,operator,/data/admins")
    return names


def _long_secret(value: Any) -> Any:
    if isinstance(value, str) and len(value) < 32:
        raise ValueError(f"has {len(value)} characters; 32 are needed: `openssl rand -base64 48`")
    return value


WebAddress = Annotated[str, BeforeValidator(_web_address)]


def _mail_server(value: Any) -> Any:
    """Return the address of a mail server. Raises ValueError for any other."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    parts = urlsplit(text) if isinstance(text, str) else None
    if parts is None or parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("must look like smtp://user:password@host:587?tls=1 or smtps://host:465")
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mails are handed in. `tls`: encrypted from the first byte, `starttls`: after a greeting."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    tls: bool
    starttls: bool


def mail_server(address: SecretStr | None) -> MailServer | None:
    """Return the parts of a mail server's address, None where none is named."""
    if address is None:
        return None
    parts = urlsplit(address.get_secret_value())
    tls = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname or "",
        port=parts.port or (465 if tls else 25),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
        starttls=not tls and parse_qs(parts.query).get("tls") == ["1"],
    )


class Environment(BaseSettings):
    """All settings of the console. A field's description is what the message about a missing one says."""

    model_config = SettingsConfigDict(
        extra="ignore", frozen=True, hide_input_in_errors=True, env_ignore_empty=True
    )

    database_url: Annotated[str, BeforeValidator(_database_address)] = Field(
        repr=False, description="the PostgreSQL database, postgresql://user:password@host:5432/gatehouse"
    )
    secret_key: Annotated[SecretStr, BeforeValidator(_long_secret)] = Field(
        description="the key that signs sessions: `openssl rand -base64 48`"
    )
    encryption_keys: Annotated[SecretStr, BeforeValidator(_keys)] = Field(
        description="the keys of stored secrets, id:base64key with 32 bytes each"
    )
    gatehouse_url: WebAddress = Field(description="the address of this console as browsers see it")
    debug: bool = Field(default=False, description="true only while developing")
    oidc_issuer: WebAddress = Field(description="the issuer, https://keycloak.example/realms/gatehouse")
    oidc_internal_url: WebAddress | None = Field(
        default=None, description="the issuer's address as the console reaches it, if browsers use another"
    )
    oidc_client_id: str = Field(default="gatehouse-console", description="the console's client at the issuer")
    oidc_client_secret: SecretStr = Field(description="the secret of the console's client at the issuer")
    keycloak_url: WebAddress | None = Field(default=None, description="the first Keycloak server to manage")
    keycloak_client_id: str | None = Field(default=None, description="the service client on that server")
    keycloak_client_secret: SecretStr | None = Field(
        default=None, description="the secret of the service client"
    )
    static_root: Path | None = Field(default=None, description="the folder for collected static files")
    local_login_networks: Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)] = Field(
        default=(ip_network("127.0.0.0/8"), ip_network("::1/128")),
        description="the networks from which the local break-glass login answers",
    )
    trusted_proxy_count: Annotated[int, Field(ge=0)] = Field(
        default=0, description="how many proxies of yours add to X-Forwarded-For in front of the console"
    )
    server_networks: Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_networks)] = Field(
        default=(),
        description="the loopback or link-local networks where servers may be, 127.0.0.0/8,::1/128",
    )
    email_url: Annotated[SecretStr, BeforeValidator(_mail_server)] | None = Field(
        default=None, description="the mail server, smtp://user:password@host:587?tls=1, or smtps://host:465"
    )
    email_from: str = Field(
        default="gatehouse@localhost", description="the sender of the console's mails, gatehouse@example.org"
    )
    administrators: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_rights)] = Field(
        default=("realm-management/realm-admin",),
        description="what makes somebody an administrator of a realm: client/role, a realm role, /a/group",
    )
    guard_deletion_share: Annotated[float, Field(ge=0, le=1)] = Field(
        default=0.2, description="the share of deletions above which a plan needs a reason, from 0 to 1"
    )
    guard_deletions: Annotated[int, Field(ge=0)] = Field(
        default=10, description="the number of deletions above which that share counts"
    )
    keep_ended_grants_days: Annotated[int, Field(ge=31)] = Field(
        default=365, description="how many days grants are kept that have ended; the record keeps them anyway"
    )
    keep_sign_ins_days: Annotated[int, Field(ge=1)] = Field(
        default=90, description="how many days sign-ins are kept; the newest of each account stays"
    )
    keep_plans_days: Annotated[int, Field(ge=1)] = Field(
        default=30, description="how many days plans are kept that nobody applied"
    )
    keep_jobs_days: Annotated[int, Field(ge=1)] = Field(
        default=14, description="how many days jobs of the workers are kept that ended"
    )
    tokens_unconfirmed_hours: Annotated[int, Field(ge=1, le=24 * 30)] = Field(
        default=24, description="how many hours API tokens work while Keycloak does not confirm their maker"
    )
    cluster_admin_groups: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_group_paths)] = Field(
        default=(), description="the groups whose members administer everything, /platform/admins,/operations"
    )

    def database(self) -> dict[str, str]:
        """The connection as Django's settings name it."""
        url = urlsplit(self.database_url)
        return {
            "NAME": unquote(url.path.lstrip("/")),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": url.hostname or "",
            "PORT": str(url.port or 5432),
        }


def read_environment(*, env_file: Path | None) -> Environment:
    """The settings: the environment, then `env_file`. Raises WrongSettings with every fault."""
    try:
        return Environment(_env_file=env_file)  # type: ignore[call-arg]
    except ValidationError as error:
        raise WrongSettings(_sentence(fault) for fault in error.errors(include_input=False)) from None


def _sentence(fault: Any) -> str:
    field = str(fault["loc"][0]).lower()
    name, about = field.upper(), Environment.model_fields[field].description
    if fault["type"] == "missing":
        return f"{name} is missing. It is {about}."
    if fault["type"] == "value_error":
        return f"{name} {fault['ctx']['error']}."
    if fault["type"].startswith("bool"):
        return f"{name} must be true or false."
    return f"{name} cannot be read. It is {about}."


@cache
def load() -> Environment:
    """The settings, read once a process. The file is `GATEHOUSE_ENV_FILE`, else what `make run` wrote."""
    return read_environment(env_file=Path(os.environ.get("GATEHOUSE_ENV_FILE") or ENV_FILE))
