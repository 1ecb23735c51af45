"""Which rights a blueprint has, so that grants name no others."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console.engine.kinds import PROTECTED_CLIENTS
from console.graph.catalogue import Pattern

Data = Mapping[str, Any]
NAME = re.compile(r"[^<>]*(<[a-z][a-z0-9_]*>)?[^<>]*")  # of a right: with one <parameter> at most


@dataclass(frozen=True, slots=True)
class KnownRights:
    """The rights that a blueprint has, looked up by name. Names of clients and scopes may hold slashes."""

    roles: frozenset[str]
    patterns: tuple[Pattern, ...]
    client_roles: frozenset[str]
    scopes: frozenset[str]

    def has(self, key: str, right: str) -> bool:
        """Tell whether a grant may name this among its `key`: roles, client_roles or scopes."""
        if key == "scopes":
            return right in self.scopes
        if key == "client_roles":
            return right in self.client_roles or right.rpartition("/")[0] in PROTECTED_CLIENTS
        if Pattern(right).parameter:
            return any(one.text == right for one in self.patterns)
        return right in self.roles or any(one.match(right) is not None for one in self.patterns)


def known_rights(data: Data) -> KnownRights:
    """Return the rights of data without placeholders."""
    clients = data.get("clients") or ()
    patterns = [role["pattern"] for one in data.get("families") or () for role in one["roles"]]
    return KnownRights(
        roles=frozenset(one["name"] for one in data.get("roles") or ()),
        patterns=tuple(Pattern(one) for one in patterns if NAME.fullmatch(one)),
        client_roles=frozenset(
            f"{one['id']}/{role['name']}" for one in clients for role in one.get("roles") or ()
        ),
        scopes=frozenset(
            f"{one['id']}/{scope}"
            for one in clients
            for key in ("default_scopes", "optional_scopes")
            for scope in one.get(key) or ()
        ),
    )
