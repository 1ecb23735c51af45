"""Somebody to be created, with all that she is created with."""

from dataclasses import dataclass

from console.engine.operation import Operation
from console.engine.state import Kind


@dataclass(frozen=True)
class NewPerson:
    """A creation, with the memberships and roles that come with it."""

    creation: Operation
    links: tuple[Operation, ...]

    @property
    def username(self) -> str:
        return self.creation.address.path[0]

    @property
    def operations(self) -> tuple[Operation, ...]:
        return (self.creation, *self.links)

    def names_of(self, kind: Kind) -> list[str]:
        """Return the groups or the roles that she gets."""
        return [one.address.path[1] for one in self.links if one.address.kind is kind]
