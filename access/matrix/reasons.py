"""The reasons of the cell that an address names: of a right, or of a capability."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from access.concern import concerns
from access.explain import Explanation, explain
from access.graphs import access_of
from access.matrix.answers import strongest_of
from access.matrix.columns import node_of, title_of
from access.matrix.opened import levels_of, resource_of
from access.matrix.part import Matrix
from access.matrix.rows import Row, Subject, as_subject, row_at, usernames_of
from access.matrix.why import CapabilityReasons, reasons_of
from console.graph.edges import Node, entitlement


@dataclass(frozen=True, kw_only=True)
class Reasons:
    """What the panel shows of a right: whose cell it is, and why it says what it says."""

    subject: Subject
    key: str
    title: str
    why: Explanation


def reasons_at(matrix: Matrix) -> Reasons | CapabilityReasons | None:
    """Return the reasons of the cell that is asked for, or None where there is no such cell."""
    asked = matrix.asked
    row = row_at(matrix.tenant, asked.row, matrix.families) if asked.has_reasons_open else None
    if row is None:
        return None
    return reasons_of(matrix, row, asked.column) or _of_right(matrix, row)


def _of_right(matrix: Matrix, row: Row) -> Reasons | None:
    tenant, column = matrix.tenant, matrix.asked.column
    subject = as_subject(tenant, row, matrix.families)
    resource = resource_of(column)
    right = node_of(column)
    if right is None and not resource:
        return None
    access = access_of(tenant.realm, people=usernames_of([subject]))
    if right is None:
        levels = levels_of(tenant)
        held = strongest_of(access.graph.rights_of(subject.node), resource, levels)
        right = held or _weakest(resource, levels)
    if right is None or not concerns(tenant, right):
        return None
    why = explain(tenant, access, subject.node, right)
    return Reasons(subject=subject, key=column, title=title_of(right), why=why)


def _weakest(resource: str, levels: Mapping[str, Sequence[str]]) -> Node | None:
    """Return the weakest entitlement that there is to a resource."""
    levels_of_type = levels.get(resource.partition(":")[0], ())
    return entitlement(f"{resource}:{levels_of_type[0]}") if levels_of_type else None
