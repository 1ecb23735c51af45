"""What of a realm and of a plan has a say in who reaches a right: little, even where very much changes."""

from collections.abc import Collection, Iterable, Sequence

from console.engine.operation import Action, Operation
from console.engine.rebase import moved
from console.engine.state import Address, Kind
from console.graph.edges import Node, NodeKind, ends_of
from console.graph.guarded import is_admin_right
from console.graph.standing import Standing

OF_PEOPLE = frozenset({Kind.MEMBERSHIP, Kind.PERSON_ROLE, Kind.PERSON_CLIENT_ROLE})


def near(
    structure: Collection[Address], operations: Sequence[Operation], wanted: Iterable[Node]
) -> frozenset[Node]:
    """Return what leads to a right that matters, before or after, by its name of now.

    `structure` are all links but those of people: nothing leads on through a person. Of people who get a link
    by the plan, not all are in the answer.
    """
    rights = frozenset(wanted)
    before, after = Standing(structure), Standing(structure)
    for operation in _one_of_each(operations):
        after.move(operation)
    now = before.upstream_of(_rights(before) | rights)
    then = after.upstream_of(_rights(after) | rights)
    return now | {_former(node, operations) for node in then}


def leads(link: Address, around: frozenset[Node]) -> bool:
    """Tell whether a link of somebody leads to what is near a right, or is one."""
    found = ends_of(link)
    return found is not None and (found[1] in around or is_admin_right(found[1]))


def without_idle(operations: Sequence[Operation], around: frozenset[Node]) -> Sequence[Operation]:
    """Return the operations without new links of people that lead to nothing near a right.

    Whoever gets one reaches no right by it, before or after. All are returned where something is renamed: on
    the way it has several names.
    """
    if any(one.action is Action.RENAME for one in operations):
        return operations
    return [one for one in operations if not _is_new_link(one) or leads(one.address, around)]


def _is_new_link(operation: Operation) -> bool:
    return operation.action in (Action.CREATE, Action.ADOPT) and operation.address.kind in OF_PEOPLE


def _one_of_each(operations: Sequence[Operation]) -> Iterable[Operation]:
    """Return the operations, of new links of people only the first to each role or group.

    It may be by it alone that a group is known to stand in another one.
    """
    kept: dict[object, Operation] = {}
    for one in operations:
        kept.setdefault((one.address.kind, one.address.path[1:]) if _is_new_link(one) else id(one), one)
    return kept.values()


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
