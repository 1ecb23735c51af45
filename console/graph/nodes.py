"""The nodes of the access graph: people, what they are in, and what they can have."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from console.engine.state import Address, Kind


class NodeKind(StrEnum):
    PERSON = "person"
    GROUP = "group"
    ROLE = "role"
    CLIENT_ROLE = "client-role"
    ORGANIZATION_GROUP = "organization-group"
    SERVICE_ACCOUNT = "service-account"
    ENTITLEMENT = "entitlement"
    CLIENT_SCOPE = "client-scope"
    SCOPE = "scope"  # a client scope of the realm, which is a right only in the tokens of a client
    EVERYBODY = "everybody"  # who signs in, through whichever client
    IDENTITY_PROVIDER = "identity-provider"  # who comes through it, and meets what its mappers ask for

    __hash__ = str.__hash__  # the one of enumerations is a call in Python, for each look into a table

    @property
    def noun(self) -> str:
        """What people call one of these: `client role`."""
        return self.value.replace("-", " ")


SUBJECTS = frozenset({NodeKind.PERSON, NodeKind.SERVICE_ACCOUNT})
RIGHTS = frozenset({NodeKind.ROLE, NodeKind.CLIENT_ROLE, NodeKind.ENTITLEMENT, NodeKind.CLIENT_SCOPE})


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """A group's name is its whole path (`data/eng`), an entitlement's its text (`package:demo:READ`).

    A client role's name is `client/role`, a service account's is its client's, and the name of a group
    in an organization is `organization//data/eng`. A client scope is a right in the tokens of one
    client: `client/scope`, where the scope may hold slashes and the client none.
    """

    kind: NodeKind
    name: str

    @property
    def is_right(self) -> bool:
        return self.kind in RIGHTS

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def person(name: str) -> Node:
    return Node(NodeKind.PERSON, name)


def group(name: str) -> Node:
    return Node(NodeKind.GROUP, name)


def role(name: str) -> Node:
    return Node(NodeKind.ROLE, name)


EVERYBODY = Node(NodeKind.EVERYBODY, "")


def service_account(client: str) -> Node:
    return Node(NodeKind.SERVICE_ACCOUNT, client)


def scope(name: str) -> Node:
    return Node(NodeKind.SCOPE, name)


def client_scope(client: str, scope: str) -> Node:
    return Node(NodeKind.CLIENT_SCOPE, f"{client}/{scope}")


def entitlement(name: str) -> Node:
    return Node(NodeKind.ENTITLEMENT, name)


def client_role(client: str, name: str) -> Node:
    return Node(NodeKind.CLIENT_ROLE, f"{client}/{name}")


def node_of(thing: Address) -> Node | None:
    """Return what a thing is in the graph, or None where it plays no part in it. A client stands for its
    service account.
    """
    kind = _NAMED_BY_ONE.get(thing.kind)
    if kind is not None:
        return Node(kind, thing.path[0])
    match thing.kind:
        case Kind.CLIENT_ROLE:
            return client_role(*thing.path)
        case Kind.ORGANIZATION_GROUP:
            return Node(NodeKind.ORGANIZATION_GROUP, "//".join(thing.path))
    return None


_NAMED_BY_ONE = {
    Kind.CLIENT: NodeKind.SERVICE_ACCOUNT,
    Kind.GROUP: NodeKind.GROUP,
    Kind.PERSON: NodeKind.PERSON,
    Kind.ROLE: NodeKind.ROLE,
}


@lru_cache(maxsize=1 << 13)  # the same groups are asked about again and again
def parents_of(name: str) -> tuple[str, ...]:
    """Return the groups that a group stands in, nearest first: `a/b/c` stands in `a/b` and `a`."""
    parts = name.split("/")
    return tuple("/".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))


def may_carry(subject: Node, right: Node) -> bool:
    """Say whether a right can stand in the tokens of a subject: a service account has those of its client."""
    if subject.kind is not NodeKind.SERVICE_ACCOUNT or right.kind is not NodeKind.CLIENT_SCOPE:
        return True
    return right.name.startswith(f"{subject.name}/")
