"""What an edge of the access graph is: its kind, where it comes from, and its ends."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from console.graph.nodes import Node


class EdgeKind(StrEnum):
    """What an edge says. `DEFAULT_ROLE` is what Keycloak gives to every person it creates."""

    CLIENT_COMPOSITE = "client-composite"  # client role -> role that it includes
    CLIENT_COMPOSITE_CLIENT_ROLE = "client-composite-client-role"  # client role -> client role
    CLIENT_DEFAULT_SCOPE = "client-default-scope"  # scope -> scope in the tokens of a client
    COMPOSITE = "composite"  # role -> role that it includes
    COMPOSITE_CLIENT_ROLE = "composite-client-role"  # role -> client role that it includes
    DEFAULT_GROUP = "default-group"  # person whom Keycloak does not know yet -> default group
    DEFAULT_ROLE = "default-role"  # person -> default role of the realm
    ENTITLEMENT = "entitlement"  # person, group or service account -> entitlement
    GROUP_CLIENT_ROLE = "group-client-role"  # group -> client role
    GROUP_ROLE = "group-role"  # group -> role
    MAPPED = "mapped"  # identity provider -> role or group that a mapper gives
    MEMBERSHIP = "membership"  # person -> group
    ORGANIZATION_GROUP_CLIENT_ROLE = "organization-group-client-role"  # group of one -> client role
    ORGANIZATION_GROUP_MEMBER = "organization-group-member"  # person -> group of an organization
    ORGANIZATION_GROUP_ROLE = "organization-group-role"  # group of an organization -> role
    PARENT = "parent"  # group -> the group it stands in, whose roles its members have too
    PERSON_CLIENT_ROLE = "person-client-role"  # person -> client role
    PERSON_ROLE = "person-role"  # person -> role
    SCOPE_CLIENT_ROLE = "scope-client-role"  # client role -> scope: any one of these suffices
    SCOPE_INCLUDED = "scope-included"  # role that one of those includes -> scope: that suffices, too
    SCOPE_ROLE = "scope-role"  # role -> scope: any one of these suffices
    SERVICE_CLIENT_ROLE = "service-client-role"  # service account -> client role
    SERVICE_MEMBERSHIP = "service-membership"  # service account -> group
    SERVICE_ROLE = "service-role"  # service account -> role
    SIGN_IN = "sign-in"  # person or service account -> everybody
    UNRESTRICTED_SCOPE = "unrestricted-scope"  # everybody -> scope to which no role is mapped

    __hash__ = str.__hash__  # the one of enumerations is a call in Python, for each look into a table


# What composite roles include.
COMPOSITES = frozenset(
    {
        EdgeKind.CLIENT_COMPOSITE,
        EdgeKind.CLIENT_COMPOSITE_CLIENT_ROLE,
        EdgeKind.COMPOSITE,
        EdgeKind.COMPOSITE_CLIENT_ROLE,
    }
)
# Keycloak 26.7 keeps these links and gives their roles to nobody: no member of such a group has them, neither
# effectively nor in a token (docs/keycloak-facts.md). They are shown, and no right is reached along them.
INERT = frozenset({EdgeKind.ORGANIZATION_GROUP_ROLE, EdgeKind.ORGANIZATION_GROUP_CLIENT_ROLE})
WHY_INERT = "Keycloak 26.7 gives the roles of organization groups to nobody."


class Origin(StrEnum):
    """Where an edge was made."""

    BLUEPRINT = "blueprint"
    CONSOLE = "console"
    DIRECTORY = "directory"
    KEYCLOAK = "keycloak"
    MAPPER = "mapper"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an edge comes from, since when, by whom and why.

    `declared`: the console's own data say it. `live`: Keycloak had it when it was last read;
    None when it was not looked at.
    """

    source: Origin = Origin.CONSOLE
    since: datetime | None = None
    by: str = ""
    reason: str = ""
    declared: bool = True
    live: bool | None = None


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """One step from who has to what is had. Two edges are equal whatever is told about their origin."""

    source: Node
    target: Node
    kind: EdgeKind
    provenance: Provenance = field(default_factory=Provenance, compare=False)

    @property
    def confers(self) -> bool:
        """Tell whether who reaches the source reaches the target by this edge."""
        return self.kind not in INERT

    def __str__(self) -> str:
        return f"{self.source} -> {self.target}"
