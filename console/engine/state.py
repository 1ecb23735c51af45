"""What exists, as data: addresses, resources, and a state that knows what it could not read."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import quote, unquote

Fields = Mapping[str, Any]


class Kind(StrEnum):
    """The kinds of things in one realm. Links are kinds of their own, so no list is ever diffed.

    The comment after each kind is the path of its addresses. A group stands in a path as its
    names joined with `/`, without a leading slash: names with a slash are refused everywhere.
    """

    REALM = "realm"  # ()
    PROFILE_ATTRIBUTE = "profile-attribute"  # (name,)
    CLIENT_SCOPE = "client-scope"  # (name,)
    MAPPER = "mapper"  # (client scope, name)
    DEFAULT_SCOPE = "default-scope"  # (client scope,): a default of every client made later
    ROLE = "role"  # (name,)
    COMPOSITE = "composite"  # (including role, included role)
    GROUP = "group"  # (group,)
    GROUP_ROLE = "group-role"  # (group, role)
    PERSON = "person"  # (username,)
    MEMBERSHIP = "membership"  # (username, group)
    PERSON_ROLE = "person-role"  # (username, role)
    ENTITLEMENT = "entitlement"  # ("person" | "group", owner, value)


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """The natural name of a resource inside its scope. Keycloak's ids live in the ledger only."""

    kind: Kind
    path: tuple[str, ...]

    @property
    def key(self) -> str:
        """One line of text that `parse` turns back, e.g. `membership:ann|data/eng`."""
        return f"{self.kind}:{'|'.join(quote(part, safe='/ :@+') for part in self.path)}"

    @classmethod
    def parse(cls, key: str) -> "Address":
        """Return the address of a key. Raises ValueError for an unknown kind."""
        kind, _, rest = key.partition(":")
        return cls(Kind(kind), tuple(unquote(part) for part in rest.split("|")) if rest else ())

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
