"""Who reaches an administrator's right in a realm: loaded from what was read in Keycloak.

Links between roles and groups are few and loaded whole. Of people, who may be very many, only the
links are loaded that lead to something that matters before or after the plan.
"""

from collections.abc import Collection, Iterable, Sequence

from django.db.models import Q

from console.engine.operation import Operation
from console.engine.state import Address, Kind
from console.graph.edges import EdgeKind, Node, NodeKind, ends_of
from console.graph.guarded import REALM_MANAGEMENT
from console.graph.nearness import leads, near, without_idle
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
    structure = _structure(scope)
    around = near(structure, operations, wanted)
    personal = {one for one in _personal(scope, around) if leads(one, around)}
    usernames = {found[0].name for one in personal if (found := ends_of(one))}
    return Standing(structure | personal, _disabled(scope, usernames))


def that_matter(
    scope: Scope, operations: Sequence[Operation], *, wanted: Iterable[Node]
) -> Sequence[Operation]:
    """Return the operations that have a say in who reaches the wanted rights, or one of Keycloak's own."""
    return without_idle(operations, near(_structure(scope), operations, wanted))


def _structure(scope: Scope) -> set[Address]:
    return set(_addresses(Observed.objects.filter(scope=scope, kind__in=_STRUCTURAL)))


def _personal(scope: Scope, around: Collection[Node]) -> Iterable[Address]:
    names: dict[Kind, set[str]] = {kind: set() for kind in _KINDS}
    for kind, node_kind in _KINDS.items():
        names[kind] = {node.name.rpartition("//")[2] for node in around if node.kind is node_kind}
    names[Kind.PERSON_CLIENT_ROLE] = {name.rpartition("/")[2] for name in names[Kind.PERSON_CLIENT_ROLE]}
    chosen = Q(kind=Kind.PERSON_CLIENT_ROLE, address__contains=f"|{REALM_MANAGEMENT}|")
    for kind, targets in names.items():
        chosen |= Q(kind=kind.value, target__in=targets)
    if any(node.kind is NodeKind.ORGANIZATION_GROUP for node in around):
        chosen |= Q(kind=Kind.ORGANIZATION_GROUP_MEMBER)
    return _addresses(Observed.objects.filter(chosen, scope=scope))


def _disabled(scope: Scope, usernames: Collection[str]) -> Iterable[str]:
    rows = Observed.objects.filter(scope=scope, kind=Kind.PERSON, owner__in=usernames, fields__enabled=False)
    return list(rows.values_list("owner", flat=True))


def _addresses(rows: "Iterable[Observed]") -> Iterable[Address]:
    return [Address.parse(key) for key in rows.values_list("address", flat=True)]  # type: ignore[attr-defined]
