"""New groups as whole trees with their roles by Keycloak's partial import, or level by level.

An import asks little: it makes roles that do not exist and trims their names, and what is there already it
skips with all below it. So all of that is looked at before or after (docs/adr/0014).
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from console.engine.batches import group_of, is_new_group
from console.engine.kinds import parent_path
from console.engine.operation import Operation
from console.engine.state import Address, Kind
from console.engine.target import Outcome, Result
from console.keycloak import bulk
from console.keycloak.closing import LEFT, NOT_KEPT, Open, Settled, closed, failure
from console.keycloak.errors import Permanent, Strange, Temporary, Unknown, understood
from console.keycloak.names import refuse_unclear
from console.keycloak.realm import Json, Realm, gathered
from console.keycloak.writing import write

Ends = dict[int, Settled]  # by the identity of the operation
Begin = Callable[[Sequence[Operation]], Awaitable[bool]]

FEWEST = 5  # new groups for which an import is worth the list of roles that must be read before it
TOGETHER = 50  # groups in one call, unless a single tree has more
LARGEST = 200  # groups in a tree that goes in one call: beyond that it grows with the square


@dataclass(frozen=True)
class Tree:
    """A new group, the roles that it gets, and the new groups inside of it."""

    creation: Operation
    roles: tuple[Operation, ...]
    inside: tuple["Tree", ...]

    @property
    def path(self) -> str:
        return self.creation.address.path[0]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def operations(self) -> list[Operation]:
        """Return everything in it, each group before what it gets and what is inside."""
        return [self.creation, *self.roles, *chain.from_iterable(one.operations for one in self.inside)]

    @property
    def size(self) -> int:
        return 1 + sum(one.size for one in self.inside)

    def representation(self) -> Json:
        """Return the tree as Keycloak imports it."""
        return dict(self.creation.after or {}) | {
            "name": self.name,
            "path": f"/{self.path}",
            "realmRoles": [one.address.path[1] for one in self.roles],
            "subGroups": [one.representation() for one in self.inside],
        }


def trees_of(operations: Sequence[Operation]) -> tuple[list[Tree], list[Operation]]:
    """Return the new groups of a batch with all that stands on them there, and all other operations.

    Where nothing in the batch stands on a new group, there are no trees.
    """
    created = {one.address: one for one in operations if is_new_group(one)}
    roles: dict[Address, list[Operation]] = {address: [] for address in created}
    inside: dict[Address, list[Address]] = {address: [] for address in created}
    for one in operations:
        if (group := group_of(one)) in roles:
            roles[group].append(one)
    for address in created:
        if (above := _above(address)) in inside:
            inside[above].append(address)
    if not any(chain(roles.values(), inside.values())):
        return [], list(operations)

    def tree(address: Address) -> Tree:
        return Tree(created[address], tuple(roles[address]), tuple(map(tree, inside[address])))

    trees = [tree(address) for address in created if _above(address) not in created]
    taken = {id(one) for each in trees for one in each.operations}
    return trees, [one for one in operations if id(one) not in taken]


def _above(address: Address) -> Address:
    return Address(Kind.GROUP, (parent_path(address.path[0]),))


async def planted(realm: Realm, trees: Sequence[Tree], begin: Begin) -> Ends:
    """Make trees, and return how each operation ended, as far as it is known without reading it back.

    Raises what `before_write` or `begin` raised, after all that was under way has ended.
    """
    roles = await _roles(realm) if sum(one.size for one in trees) >= FEWEST else frozenset[str]()
    fit = [one for one in trees if _fits(one, roles)]
    imported = {id(one) for one in fit}
    unfit = [one for one in trees if id(one) not in imported]
    found = await gathered(
        [
            *(_imported(realm, some, begin) for some in _portions(fit)),
            *(_begun(realm, [one], begin) for one in unfit),
        ]
    )
    return {number: end for ends in found for number, end in ends.items()}


async def _roles(realm: Realm) -> frozenset[str]:
    """Return the roles that are there now; none where we may not look, so that nothing is imported."""
    try:
        with understood():
            return frozenset((await bulk.roles(realm.again())).clear)
    except Permanent:
        return frozenset()


def _fits(tree: Tree, roles: frozenset[str]) -> bool:
    """Tell whether an import makes of a tree what single calls would make."""
    if parent_path(tree.path) or tree.size > LARGEST or not roles:
        return False
    operations = tree.operations
    try:
        for one in operations:
            refuse_unclear(one)
    except Permanent:
        return False
    names = {part for one in operations for part in one.address.path}
    given = {one.address.path[1] for one in operations if one.address.kind is Kind.GROUP_ROLE}
    return given <= roles and all(part == part.strip() for name in names for part in name.split("/"))


def _portions(trees: Iterable[Tree]) -> Iterator[list[Tree]]:
    some: list[Tree] = []
    for one in trees:
        if some and sum(each.size for each in some) + one.size > TOGETHER:
            yield some
            some = []
        some.append(one)
    if some:
        yield some


async def _imported(realm: Realm, trees: Sequence[Tree], begin: Begin) -> Ends:
    """Make trees by one call, and level by level those that it refused."""
    if not await begin(_all(trees)):
        return _each(trees, LEFT)
    ends, refused = await _one_call(realm, trees)
    return {**ends, **await _level_by_level(realm, refused)}


async def _one_call(realm: Realm, trees: Sequence[Tree]) -> tuple[Ends, list[Tree]]:
    try:
        with understood():
            results = await realm.import_groups([one.representation() for one in trees])
            added = {one["resourceName"] for one in results if one["action"] == "ADDED"}
    except Temporary as error:
        return _each(trees, failure(error.sentence, retryable=True)), []
    except (Strange, Unknown) as error:
        if error.status == 500:  # an error inside Keycloak: nothing of the call was kept
            return {}, list(trees)
        return _each(trees, Open.after_silence(error)), []
    except Permanent:
        return {}, list(trees)
    made = [one for one in trees if one.name in added]
    return _each(made, Open(NOT_KEPT)), [one for one in trees if one.name not in added]


async def _begun(realm: Realm, trees: Sequence[Tree], begin: Begin) -> Ends:
    if not await begin(_all(trees)):
        return _each(trees, LEFT)
    return await _level_by_level(realm, trees)


async def _level_by_level(realm: Realm, trees: Sequence[Tree]) -> Ends:
    """Make groups by a call each, then what they get and what is inside; none of it where one failed."""
    ends: Ends = {}
    while trees:
        creations = [one.creation for one in trees]
        made = await closed(realm, creations, await write(realm, creations))
        ends |= {id(one): end for one, end in zip(creations, made, strict=True)}
        there = [one for one, end in zip(trees, made, strict=True) if end.result is Result.DONE]
        for one, end in zip(trees, made, strict=True):
            if end.result is not Result.DONE:
                ends |= dict.fromkeys(map(id, one.operations[1:]), _without(one, end))
        links = [role for one in there for role in one.roles]
        ends |= {id(one): end for one, end in zip(links, await write(realm, links), strict=True)}
        trees = [inside for one in there for inside in one.inside]
    return ends


def _without(tree: Tree, outcome: Outcome) -> Outcome:
    sentence = f"The group “{tree.path}” could not be created: {outcome.sentence}"
    return failure(sentence, retryable=outcome.retryable)


def _all(trees: Iterable[Tree]) -> list[Operation]:
    return [operation for one in trees for operation in one.operations]


def _each(trees: Iterable[Tree], end: Settled) -> Ends:
    return dict.fromkeys(map(id, _all(trees)), end)
