"""A target in memory, with Keycloak's manners: ids, cascades, renames that keep the id.

For dry runs and tests. Links hang on ids, as in Keycloak, so a renamed thing keeps its links.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from console.engine.kinds import (
    KINDS,
    SWITCH_OF,
    TREES,
    above_of,
    below,
    ends,
    managed,
    merged,
    needs,
    spec_of,
)
from console.engine.operation import Action, Operation
from console.engine.rebase import with_former_names
from console.engine.state import Address, Kind, Resource, Selection, State
from console.engine.target import After, Before, Outcome, Result

Link = tuple[Kind, tuple[str, ...], str]  # (kind, ids of the ends, value)


@dataclass
class Thing:
    """One object. `above` is the id of the parent group or client scope."""

    kind: Kind
    name: str
    above: str | None
    fields: dict[str, Any]


class Refused(Exception):
    """What Keycloak would answer with an error: the sentence says why."""


def _own_name(address: Address) -> str:
    if not address.path:
        return ""
    return address.path[-1].rpartition("/")[2] if address.kind in TREES else address.path[-1]


@dataclass
class MemoryTarget:
    """Implements `Target`. `writes` counts what changed something."""

    things: dict[str, Thing] = field(default_factory=dict)
    links: set[Link] = field(default_factory=set)
    writes: int = 0
    made: int = 0

    @classmethod
    def of(cls, state: State) -> "MemoryTarget":
        """Return a target that holds a state. Raises Refused if something in it has no ground."""
        target = cls()
        for resource in sorted(state, key=lambda one: (spec_of(one.address).rank, one.address.path)):
            target._create(resource.address, dict(resource.fields), resource.id)
        target.writes = 0
        return target

    # Reading

    def read(self, selection: Selection) -> State:
        """Return what was selected, under the names of now, and all that stands below it."""
        everything = State.of(one for one in self._resources() if not self._is_off(one.address))
        if selection.everything:
            return everything
        wanted = with_former_names(selection)
        ids = set(selection.ids.values())
        return State.of(
            one
            for one in everything
            if one.address in wanted or (one.id and one.id in ids) or self._is_below(one.address, wanted)
        )

    def _is_below(self, address: Address, wanted: frozenset[Address]) -> bool:
        above = needs(address)
        return any(one in wanted or self._is_below(one, wanted) for one in above)

    def _resources(self) -> Iterator[Resource]:
        for id_, thing in self.things.items():
            yield Resource(self._address(id_), dict(thing.fields), id_)
        for kind, ids, value in self.links:
            yield Resource(self._link_address(kind, ids, value))

    def _address(self, id_: str) -> Address:
        thing = self.things[id_]
        if not KINDS[thing.kind].parts:
            return Address(thing.kind, ())
        if thing.above is None:
            return Address(thing.kind, (thing.name,))
        above = self._address(thing.above)
        return below(above, Address(thing.kind, (*above.path, thing.name)))

    def _link_address(self, kind: Kind, ids: tuple[str, ...], value: str) -> Address:
        path = tuple(part for id_ in ids for part in self._address(id_).path)
        if kind is Kind.ENTITLEMENT:
            return Address(kind, (self.things[ids[0]].kind.value, *path, value))
        return Address(kind, path)

    def _is_off(self, address: Address) -> bool:
        """Tell whether the realm has no such things: those that are there are hidden, and none is written."""
        switch = SWITCH_OF.get(address.kind)
        realms = (thing for thing in self.things.values() if thing.kind is Kind.REALM) if switch else ()
        return any(not realm.fields.get(switch or "", True) for realm in realms)

    # Writing

    def execute(
        self, operations: Sequence[Operation], before: Before | None = None, after: After | None = None
    ) -> Sequence[Outcome]:
        if before is not None:
            before(operations)
        return [self.write(operation) for operation in operations]

    def write(self, operation: Operation) -> Outcome:
        """Execute one operation."""
        try:
            if self._is_off(operation.address):
                raise Refused("It is switched off in the realm settings.")
            id_ = self._write(operation)
        except Refused as refusal:
            return Outcome(Result.FAILED, str(refusal))
        if operation.action is Action.DELETE:
            return Outcome(Result.DONE, id=id_)
        return Outcome(Result.DONE, id=id_, fields=dict(self._fields(operation, id_)))

    def _fields(self, operation: Operation, id_: str | None) -> dict[str, Any]:
        if id_ is None:
            return {}
        found = self.things[id_].fields
        return managed(operation.address, found, operation.after if operation.after is not None else found)

    def _write(self, operation: Operation) -> str | None:
        match operation.action:
            case Action.CREATE:
                return self._create(operation.address, dict(operation.after or {}), None)
            case Action.UPDATE:
                return self._update(operation)
            case Action.RENAME:
                return self._rename(operation)
            case Action.DELETE:
                return self._delete(operation)
            case Action.ADOPT:
                return self._adopt(operation)

    def _create(self, address: Address, fields: dict[str, Any], id_: str | None) -> str | None:
        if spec_of(address).is_link:
            self._link(address)
            return None
        found = self.find(address)
        if found and managed(address, self.things[found].fields, fields) != fields:
            raise Refused("Something else with this name exists.")
        return found or self._make(address, fields, id_)

    def _make(self, address: Address, fields: dict[str, Any], id_: str | None) -> str:
        above = self._need(needs(address)[0]) if needs(address) else None
        self.made += 1
        id_ = id_ or f"made-{self.made}"
        name = _own_name(address)
        self.things[id_] = Thing(address.kind, name, above, fields)
        self.writes += 1
        return id_

    def _link(self, address: Address) -> None:
        link = self._as_link(address)
        for need in needs(address):
            if spec_of(need).is_link and self._as_link(need) not in self.links:
                raise Refused(f"There is no {need}.")
        self.writes += link not in self.links
        self.links.add(link)

    def _as_link(self, address: Address) -> Link:
        ids = tuple(self._need(end) for _, end in ends(address))
        return address.kind, ids, address.path[2] if address.kind is Kind.ENTITLEMENT else ""

    def _update(self, operation: Operation) -> str:
        id_ = self._existing(operation)
        thing, before = self.things[id_], dict(operation.before or {})
        if managed(operation.address, thing.fields, before) != before:
            raise Refused("It was changed in between.")
        thing.fields = merged(operation.address, thing.fields, operation.after or {})
        self.writes += 1
        return id_

    def _rename(self, operation: Operation) -> str:
        id_ = operation.id if operation.id in self.things else self._need(operation.was or operation.address)
        holder = self.find(operation.address)
        if holder == id_:
            return id_
        if holder:
            raise Refused("The name is taken.")
        self._put(id_, operation.address)
        return id_

    def _put(self, id_: str, address: Address) -> None:
        above = above_of(address)
        parent = self._need(above) if above else None
        if self._home(self.things[id_].above) != self._home(parent):
            raise Refused("It belongs to what it stands in.")
        if parent and id_ in self._line(parent):
            raise Refused("A group cannot stand below itself.")
        self.things[id_].above = parent
        self.things[id_].name = _own_name(address)
        self.writes += 1

    def _home(self, id_: str | None) -> str | None:
        """Return what a whole tree stands in; None for what stands in the realm."""
        while id_ and self.things[id_].kind in TREES:
            id_ = self.things[id_].above
        return id_

    def _line(self, id_: str) -> Iterator[str]:
        """Yield a group and all groups above it."""
        at: str | None = id_
        while at:
            yield at
            at = self.things[at].above

    def _delete(self, operation: Operation) -> str | None:
        """Delete with all that hangs on it. What is not there is deleted already."""
        address = operation.address
        if spec_of(address).is_link:
            self._unlink(address)
            return None
        id_ = operation.id if operation.id in self.things else self.find(address)
        if id_:
            self._drop(id_)
            self.writes += 1
        return id_

    def _unlink(self, address: Address) -> None:
        if all(self.find(end) for _, end in ends(address)):
            link = self._as_link(address)
            self.writes += link in self.links
            self.links.discard(link)
            if address.kind is Kind.ORGANIZATION_MEMBER:
                self.links = {one for one in self.links if address not in needs(self._link_address(*one))}

    def _drop(self, id_: str) -> None:
        if self.things[id_].kind is Kind.REALM:
            self.things.clear()
            self.links.clear()
            return
        for child in [one for one, thing in self.things.items() if thing.above == id_]:
            self._drop(child)
        del self.things[id_]
        self.links = {link for link in self.links if id_ not in link[1]}

    def _adopt(self, operation: Operation) -> str | None:
        if spec_of(operation.address).is_link:
            if self._as_link(operation.address) not in self.links:
                raise Refused("It is not there any more.")
            return None
        id_, after = self._need(operation.address), dict(operation.after or {})
        if managed(operation.address, self.things[id_].fields, after) != after:
            raise Refused("It was changed in between.")
        return id_

    # Finding

    def find(self, address: Address) -> str | None:
        """Return the id of what stands at an address, None if nothing does."""
        above = None
        if needs(address) and not (above := self.find(needs(address)[0])):
            return None
        name = _own_name(address)
        found = (
            id_
            for id_, thing in self.things.items()
            if (thing.kind, thing.name, thing.above) == (address.kind, name, above)
        )
        return next(found, None)

    def _need(self, address: Address) -> str:
        id_ = self.find(address)
        if id_ is None:
            raise Refused(f"There is no {address}.")
        return id_

    def _existing(self, operation: Operation) -> str:
        if operation.id and operation.id in self.things:
            return operation.id
        return self._need(operation.address)
