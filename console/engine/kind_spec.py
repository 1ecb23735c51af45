"""What is known of one kind of thing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from console.engine.fields import FieldSpec
from console.engine.state import Kind


@dataclass(frozen=True, slots=True)
class KindSpec:
    """One kind.

    `parts` says, for each part of a path, which kind of thing is named there, if any. A thing whose
    own path is longer ends at that part and begins as many parts before: in `(person, None, client
    role)` the client role's path is the last two parts.

    `name` is how one is named, from the parts of its path; `noun` is that with what it is. `give` and
    `take` say what making and taking away a link does.

    `rank` is the place in the order of building: a scope is limited to roles before clients get it.
    `is_leftover` kinds confer nothing by their mere
    presence: they are deleted last. `has_name` kinds can be renamed: others refer to them by name.
    `is_given` kinds are Keycloak's own making: no longer declared, they are left as they are.
    `brings_own` kinds are made with things inside that Keycloak puts there, and go with them.
    `secrets` are fields that can be written and never be read.
    """

    label: str
    plural: str
    rank: int
    parts: tuple[Kind | None, ...] = ()
    fields: Mapping[str, FieldSpec] = field(default_factory=dict)
    name: str = "{0}"
    noun: str = ""
    give: str = ""
    take: str = ""
    is_leftover: bool = False
    has_name: bool = False
    is_given: bool = False
    brings_own: bool = False
    secrets: tuple[str, ...] = ()

    @property
    def is_link(self) -> bool:
        return bool(self.give)
