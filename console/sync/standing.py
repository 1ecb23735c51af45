"""Who reaches an administrator's right in a realm: loaded from what was read in Keycloak.

Links between roles and groups are few and loaded whole. Of people, who may be very many, only the
links are loaded that lead to something that matters before or after the plan.
"""

from collections.abc import Collection, Iterable, Sequence

from django.db.models import Q

from console.engine.operation import Action, Operation
from console.engine.rebase import moved
from console.engine.state import Address, Kind
from console.graph.edges import EdgeKind, Node, NodeKind, ends_of
from console.graph.guarded import REALM_MANAGEMENT, is_admin_right
from console.graph.standing import Standing
from console.sync.models import Observed, Scope

_PERSONAL = (Kind.MEMBERSHIP, Kind.PERSON_ROLE, Kind.PERSON_CLIENT_ROLE, Kind.ORGANIZATION_GROUP_MEMBER)
_NONE = (EdgeKind.PARENT.value, EdgeKind.DEFAULT_ROLE.value, EdgeKind.ENTITLEMENT.value)
_STRUCTURAL = tuple(
    kind.value for kind in EdgeKind if kind.value not in (*_NONE, *(one.value for one in _PERSONAL))
)
_KINDS = {
    Kind.MEMBERSHIP: NodeKind.GROUP,
    Kind.PERSON_ROLE: NodeKind.ROLE,
    Kind.PERSON_CLIENT_ROLE: NodeKind.CLIENT_ROLE,
}


def standing_of(scope: Scope, operations: Sequence[Operation], *, wanted: Iterable[Node]) -> Standing:
    """Return who reaches the wanted rights, or one of Keycloak's own administrator's rights, now."""
    structure = set(_addresses(Observed.objects.filter(scope=scope, kind__in=_STRUCTURAL)))
    near = _near(structure, operations, frozenset(wanted))
    personal = {one for one in _personal(scope, near) if _leads(one, near)}
    usernames = {found[0].name for one in personal if (found := ends_of(one))}
    return Standing(structure | personal, _disabled(scope, usernames))


def _near(
    structure: Collection[Address], operations: Sequence[Operation], wanted: frozenset[Node]
) -> frozenset[Node]:
    """Return what leads to a right that matters, before or after, by its name of now."""
    before, after = Standing(structure), Standing(structure)
    for operation in operations:
        after.move(operation)
    now = before.upstream_of(_rights(before) | wanted)
    then = after.upstream_of(_rights(after) | wanted)
    return now | {_former(node, operations) for node in then}


def _rights(standing: Standing) -> set[Node]:
    nodes = {found[1] for one in standing.links if (found := ends_of(one))}
    return {node for node in nodes if is_admin_right(node)}


def _former(node: Node, operations: Sequence[Operation]) -> Node:
    """Return what a group or role was called before the renames of a plan."""
    if node.kind not in (NodeKind.GROUP, NodeKind.ROLE):
        return node
    thing = Address(Kind(node.kind.value), (node.name,))
    for operation in reversed(operations):
        if operation.action is Action.RENAME and operation.was is not None:
            thing = moved(thing, operation.address, operation.was)
    return Node(node.kind, thing.path[0])


def _personal(scope: Scope, near: Collection[Node]) -> Iterable[Address]:
    names: dict[Kind, set[str]] = {kind: set() for kind in _KINDS}
    for kind, node_kind in _KINDS.items():
        names[kind] = {node.name.rpartition("//")[2] for node in near if node.kind is node_kind}
    names[Kind.PERSON_CLIENT_ROLE] = {name.rpartition("/")[2] for name in names[Kind.PERSON_CLIENT_ROLE]}
    chosen = Q(kind=Kind.PERSON_CLIENT_ROLE, address__contains=f"|{REALM_MANAGEMENT}|")
    for kind, targets in names.items():
        chosen |= Q(kind=kind.value, target__in=targets)
    if any(node.kind is NodeKind.ORGANIZATION_GROUP for node in near):
        chosen |= Q(kind=Kind.ORGANIZATION_GROUP_MEMBER)
    return _addresses(Observed.objects.filter(chosen, scope=scope))


def _leads(address: Address, near: frozenset[Node]) -> bool:
    found = ends_of(address)
    return found is not None and (found[1] in near or is_admin_right(found[1]))


def _disabled(scope: Scope, usernames: Collection[str]) -> Iterable[str]:
    rows = Observed.objects.filter(scope=scope, kind=Kind.PERSON, owner__in=usernames, fields__enabled=False)
    return list(rows.values_list("owner", flat=True))


def _addresses(rows: "Iterable[Observed]") -> Iterable[Address]:
    return [Address.parse(key) for key in rows.values_list("address", flat=True)]  # type: ignore[attr-defined]
