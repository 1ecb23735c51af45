"""What the contract suite must know of a kind to try it anywhere: one row of the table of samples."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from console.engine.kinds import spec_of
from console.engine.state import Address, Fields, Kind, Resource
from tests.engine.world import defaults
from tests.keycloak.world import World

Plain = Callable[[World], None]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One thing of a kind, and what is done to it.

    `fields` is what it is created with; what is not named has the registry's default. `changes` are made one
    after the other, each on top of those before; together they name each managed field.
    `ground` is made before it, in this order, and `beside` too: what stands next to it and must stay.
    `stranger` makes a twin by plain calls: the same name, other content. `plant` gives the thing, by plain
    calls, content that nobody manages. `renamed` is its address under another name, `moved` at another place.
    `fixed` are other values of fields that Keycloak never changes: a change of them is refused.
    """

    address: Address
    fields: Fields = field(default_factory=dict)
    changes: tuple[Fields, ...] = ()
    ground: tuple[Resource, ...] = ()
    beside: tuple[Resource, ...] = ()
    stranger: Plain | None = None
    plant: Plain | None = None
    renamed: Address | None = None
    moved: Address | None = None
    fixed: Fields = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        return self.address.kind

    @property
    def whole(self) -> dict[str, Any]:
        """All managed fields that it is created with."""
        return defaults(self.kind) | dict(self.fields)

    @property
    def resource(self) -> Resource:
        """The thing as it is created."""
        return Resource(self.address, self.whole)

    @property
    def is_link(self) -> bool:
        return spec_of(self.address).is_link

    @property
    def one_change(self) -> dict[str, Any]:
        """The fields after the first of the changes."""
        return self.whole | dict(self.changes[0])


def each(**fields: Any) -> tuple[Fields, ...]:
    """Return changes of one field each."""
    return tuple({name: value} for name, value in fields.items())


def thing(kind: Kind, *path: str, **fields: Any) -> Resource:
    """Return a resource with the registry's defaults for what is not named."""
    return Resource(Address(kind, path), defaults(kind) | fields)
