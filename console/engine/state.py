"""What exists, as data: addresses, resources, and a state that knows what it could not read."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

Fields = Mapping[str, Any]


class Kind(StrEnum):
    """The kinds of things in one realm. Links are kinds of their own, so no list is ever diffed.

    The comment after each kind is the path of its addresses. A group stands in a path as its
    names joined with `/`, without a leading slash: names with a slash are refused everywhere.
    """

    # The one of Enum is a function of Python, and every look-up of an address asks for it.
    __hash__ = str.__hash__

    REALM = "realm"  # ()
    USER_PROFILE = "user-profile"  # (): what holds for attributes that nobody declared
    PROFILE_ATTRIBUTE = "profile-attribute"  # (name,)
    REQUIRED_ACTION = "required-action"  # (alias,)
    CLIENT_SCOPE = "client-scope"  # (name,)
    MAPPER = "mapper"  # (client scope, name)
    DEFAULT_SCOPE = "default-scope"  # (client scope,): a default of every client made later
    OPTIONAL_SCOPE = "optional-scope"  # (client scope,): optional for every client made later
    DIRECTORY = "directory"  # (name,): a user federation component
    DIRECTORY_MAPPER = "directory-mapper"  # (directory, name)
    ROLE = "role"  # (name,)
    CLIENT = "client"  # (client id,)
    CLIENT_ROLE = "client-role"  # (client, name)
    CLIENT_MAPPER = "client-mapper"  # (client, name)
    CLIENT_DEFAULT_SCOPE = "client-default-scope"  # (client, client scope)
    CLIENT_OPTIONAL_SCOPE = "client-optional-scope"  # (client, client scope)
    GROUP = "group"  # (group,)
    DEFAULT_GROUP = "default-group"  # (group,): everybody who is new becomes a member
    IDENTITY_PROVIDER = "identity-provider"  # (alias,)
    IDENTITY_PROVIDER_MAPPER = "identity-provider-mapper"  # (identity provider, name)
    ORGANIZATION = "organization"  # (alias,)
    ORGANIZATION_GROUP = "organization-group"  # (organization, group)
    ORGANIZATION_PROVIDER = "organization-provider"  # (organization, identity provider)
    PERSON = "person"  # (username,)
    COMPOSITE = "composite"  # (including role, included role)
    COMPOSITE_CLIENT_ROLE = "composite-client-role"  # (including role, client, included role)
    CLIENT_COMPOSITE = "client-composite"  # (client, including role, included realm role)
    CLIENT_COMPOSITE_CLIENT_ROLE = "client-composite-client-role"  # (client, role, client, included role)
    SCOPE_ROLE = "scope-role"  # (client scope, role): only who has the role gets the scope
    SCOPE_CLIENT_ROLE = "scope-client-role"  # (client scope, client, role)
    ALLOWED_ROLE = "allowed-role"  # (client, role): a role that may stand in the client's tokens
    ALLOWED_CLIENT_ROLE = "allowed-client-role"  # (client, other client, role)
    SERVICE_ROLE = "service-role"  # (client, role): of the client's service account
    SERVICE_CLIENT_ROLE = "service-client-role"  # (client, other client, role)
    SERVICE_MEMBERSHIP = "service-membership"  # (client, group): its service account is in the group
    GROUP_ROLE = "group-role"  # (group, role)
    GROUP_CLIENT_ROLE = "group-client-role"  # (group, client, role)
    ORGANIZATION_GROUP_ROLE = "organization-group-role"  # (organization, group, role)
    ORGANIZATION_GROUP_CLIENT_ROLE = "organization-group-client-role"  # (organization, group, client, role)
    ENTITLEMENT = "entitlement"  # ("person" | "group" | "client", owner, value); client: its account
    MEMBERSHIP = "membership"  # (username, group)
    ORGANIZATION_MEMBER = "organization-member"  # (organization, username)
    ORGANIZATION_GROUP_MEMBER = "organization-group-member"  # (organization, group, username)
    PERSON_ROLE = "person-role"  # (username, role)
    PERSON_CLIENT_ROLE = "person-client-role"  # (username, client, role)

    __hash__ = str.__hash__  # the one of enumerations is a call in Python, for each look into a table


_KINDS = {kind.value: kind for kind in Kind}


@lru_cache(maxsize=1 << 16)  # the same few names stand in the addresses of many links
def _quoted(part: str) -> str:
    return quote(part, safe="/ :@+")


class Address(NamedTuple):
    """The natural name of a resource inside its scope. Keycloak's ids live in the ledger only.

    A tuple, for it is looked up and compared a hundred times for each person of a large plan.
    """

    kind: Kind
    path: tuple[str, ...]

    @property
    def key(self) -> str:
        """One line of text that `parse` turns back, e.g. `membership:ann|data/eng`."""
        return f"{self.kind._value_}:{'|'.join(map(_quoted, self.path))}"

    @classmethod
    def parse(cls, key: str) -> "Address":
        """Return the address of a key. Raises ValueError for an unknown kind."""
        kind, _, rest = key.partition(":")
        parts = rest.split("|") if rest else ()
        return cls(_KINDS.get(kind) or Kind(kind), tuple(map(unquote, parts) if "%" in rest else parts))

    def __str__(self) -> str:
        return self.key


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing with the fields that we manage. `id` is Keycloak's, where it was read there."""

    address: Address
    fields: Fields = field(default_factory=dict)
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Which addresses a read answers for. `everything` is for drift, adoption and export.

    `ids` are Keycloak's ids where the ledger has them, so that calls go by id.
    `renames` maps a new address to the one that the same object had before.
    """

    addresses: frozenset[Address] = frozenset()
    everything: bool = False
    ids: Mapping[Address, str] = field(default_factory=dict)
    renames: Mapping[Address, Address] = field(default_factory=dict)

    @classmethod
    def all(cls, **extra: Any) -> "Selection":
        return cls(everything=True, **extra)

    def __contains__(self, address: Address) -> bool:
        return self.everything or address in self.addresses


@dataclass(frozen=True)
class State:
    """Resources by address, and the addresses or kinds that could not be read, each with why.

    Not readable is not empty: a plan judges nothing that stands in `unreadable`.
    """

    resources: Mapping[Address, Resource] = field(default_factory=dict)
    unreadable: Mapping[Address | Kind, str] = field(default_factory=dict)

    @classmethod
    def of(cls, resources: Iterable[Resource], **extra: Any) -> "State":
        return cls({one.address: one for one in resources}, **extra)

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources.values())

    def __len__(self) -> int:
        return len(self.resources)

    def __contains__(self, address: Address) -> bool:
        return address in self.resources

    def get(self, address: Address) -> Resource | None:
        return self.resources.get(address)

    def of_kind(self, kind: Kind) -> Iterator[Resource]:
        return (one for one in self if one.address.kind is kind)

    def why_unreadable(self, address: Address) -> str | None:
        """Return why this address could not be read, or None when it could."""
        return self.unreadable.get(address) or self.unreadable.get(address.kind)
