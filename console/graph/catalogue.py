"""What rights open: the services of a platform, their capabilities, and which role gives which.

The graph ends at rights (roles, entitlements, client scopes in a client's tokens). A catalogue goes on from
there: a grant says which right gives which capability, at which level, on which resource, and a condition
says what else is needed. It is data: a blueprint expanded with its parameters makes one, and no code knows
a name that stands in it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

from console.graph.edges import Node, NodeKind

EVERY = "*"  # as the name of a resource: each of its type


class Reading(StrEnum):
    """How sure the documents are of something. What is not STATED carries a note."""

    STATED = "stated"
    DERIVED = "derived"
    AMBIGUOUS = "ambiguous"
    CONTRADICTED = "contradicted"


class Silence(StrEnum):
    """What it means that no grant of a capability names a role."""

    NONE = "none"  # no access
    UNSTATED = "unstated"  # the documents do not say: shown as a question, decided as no


class Effect(StrEnum):
    GIVES = "gives"
    UNCLEAR = "unclear"  # the documents may mean it: shown as a question, decided as no


# --- conditions ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entitled:
    """Has an entitlement to the resource at this level or a stronger one. Holds for all while not enforced.

    `type` is the type of the entitlement; the resource is the one that is asked for.
    """

    type: str
    level: str


@dataclass(frozen=True, slots=True)
class Owner:
    """Owns the resource. Holds for all while entitlements are not enforced."""


@dataclass(frozen=True, slots=True)
class Property:
    """A property of the request, e.g. `resource.properties.status`, compared with a value: always asked."""

    path: str
    operator: str  # "is", "is not", "in", "at least", "at most", "same as" (the value is a path, too)
    value: object


@dataclass(frozen=True, slots=True)
class AllOf:
    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    condition: "Condition"


Condition = Entitled | Owner | Property | AllOf | AnyOf | Not


# --- what there is --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A doubtful reading: what the places say, how it is read here, and the parameter that corrects it."""

    key: str
    title: str
    says: tuple[str, ...]
    reading: str
    kind: Reading = Reading.AMBIGUOUS
    parameter: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    key: str
    name: str
    short: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """Something that one may do in a service. `key` is `service:name`, e.g. `insights:display-views`.

    `resource` is the type of what it acts on, "" where it concerns the service as a whole. With `levels`
    (weakest first) it is held at a level, else held or not. `needs` holds besides a grant. `actions` are
    further names that a request may use for it.
    """

    key: str
    service: str
    name: str
    short: str  # at most 22 characters: the head of a column
    group: str = ""
    resource: str = ""
    levels: tuple[str, ...] = ()
    needs: "Condition | None" = None
    silence: Silence = Silence.NONE
    reading: Reading = Reading.STATED
    notes: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    in_documents: bool = True  # False: a capability of ours that no table of the documents has


@dataclass(frozen=True, slots=True)
class Pattern:
    """A name with at most one `<parameter>`, e.g. `pk:edit:<profile>`. Matching is of the whole name."""

    text: str

    def match(self, name: str) -> str | None:
        """Return what stands for the parameter, "" for a plain name that is equal, or None."""
        if "<" not in self.text:
            return "" if name == self.text else None
        found = _compiled(self.text).fullmatch(name)
        return found.group(1) if found else None

    def of(self, value: str) -> str:
        """Return the name with this value of the parameter."""
        return _PARAMETER.sub(lambda _: value, self.text)

    @property
    def parameter(self) -> str:
        found = _PARAMETER.search(self.text) if "<" in self.text else None
        return found.group(1) if found else ""


_PARAMETER = re.compile(r"<([a-z][a-z0-9_]*)>")
_KEPT: dict[str, re.Pattern[str]] = {}


def _compiled(text: str) -> re.Pattern[str]:
    if text not in _KEPT:
        before, after = _PARAMETER.split(text)[::2]
        _KEPT[text] = re.compile(f"{re.escape(before)}([^:/<>|]+){re.escape(after)}")
    return _KEPT[text]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A right (role, client role, scope of a client) gives a capability.

    `resource` names on what: "" each (as far as conditions allow), `<profile>` the one that the pattern of
    the right names. `exempt`: conditions of enforcement do not count. `rule` is text of the platform that
    is no composite of Keycloak ("falls back to ...").
    """

    kind: NodeKind
    right: Pattern
    capability: str
    level: str = ""
    resource: str = ""
    exempt: bool = False
    when: "Condition | None" = None
    effect: Effect = Effect.GIVES
    rule: str = ""
    reading: Reading = Reading.STATED
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitlementKind:
    """A type of entitlement with its levels, weakest first; a stronger level includes the weaker ones."""

    name: str
    levels: tuple[str, ...]
    description: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyRole:
    pattern: Pattern
    title: str
    description: str = ""
    includes: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Roles that exist once for each value of a parameter, e.g. five for each workspace.

    `given` is the one that a person gets for whom the family is made. `sets_off` says what granting or
    making it does outside of Keycloak; `left_behind` what its removal leaves.
    """

    key: str
    name: str
    roles: tuple[FamilyRole, ...]
    given: Pattern | None = None
    made_with_person: bool = False
    sets_off: str = ""
    left_behind: str = ""
    resource: str = ""  # the type of resource that the parameter names
    notes: tuple[str, ...] = ()

    @property
    def parameter(self) -> str:
        return self.roles[0].pattern.parameter

    def member(self, role: str) -> tuple[FamilyRole, str] | None:
        """Return which role of the family this is, and for which value, or None."""
        for one in self.roles:
            value = one.pattern.match(role)
            if value:
                return one, value
        return None


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """All that a blueprint with its parameters says of rights. `enforced`: entitlements are asked for."""

    services: tuple[Service, ...] = ()
    capabilities: tuple[Capability, ...] = ()
    grants: tuple[Grant, ...] = ()
    entitlements: tuple[EntitlementKind, ...] = ()
    families: tuple[Family, ...] = ()
    notes: tuple[Note, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)  # of roles: display names
    looks_like: Mapping[str, str] = field(default_factory=dict)  # unknown name -> the role it looks like
    enforced: bool = False
    key: str = ""  # blueprint and version, for people
    digest: str = ""  # of everything that made it: equal digests are equal catalogues

    @cached_property
    def worked_out(self) -> dict[str, Any]:
        """What others have worked out from it and keep for as long as it is there, by their names."""
        return {}

    @cached_property
    def unenforced(self) -> "Catalogue":
        """The same, where entitlements are not asked for."""
        return replace(self, enforced=False) if self.enforced else self

    @cached_property
    def by_key(self) -> Mapping[str, Capability]:
        return {one.key: one for one in self.capabilities}

    @cached_property
    def of_capability(self) -> Mapping[str, tuple[Grant, ...]]:
        found: dict[str, list[Grant]] = {one.key: [] for one in self.capabilities}
        for grant in self.grants:
            found[grant.capability].append(grant)
        return {key: tuple(grants) for key, grants in found.items()}

    @cached_property
    def plain_of(self) -> Mapping[str, Mapping[Node, tuple[tuple[int, Grant], ...]]]:
        """By capability and right without a parameter: the grants, with their places among those of it."""
        found: dict[str, dict[Node, tuple[tuple[int, Grant], ...]]] = {}
        for key, grants in self.of_capability.items():
            rights = found.setdefault(key, {})
            for place, one in enumerate(grants):
                if not one.right.parameter:
                    node = Node(one.kind, one.right.text)
                    rights[node] = (*rights.get(node, ()), (place, one))
        return found

    @cached_property
    def rights_of(self) -> Mapping[str, frozenset[Node]]:
        """By capability: the rights without a parameter that it has grants of."""
        return {key: frozenset(rights) for key, rights in self.plain_of.items()}

    @cached_property
    def patterned_of(self) -> Mapping[str, tuple[tuple[int, Grant], ...]]:
        """By capability: the grants whose right has a parameter, with their places."""
        return {
            key: tuple((place, one) for place, one in enumerate(grants) if one.right.parameter)
            for key, grants in self.of_capability.items()
        }

    @cached_property
    def exact(self) -> Mapping[Node, tuple[Grant, ...]]:
        """The grants of rights without a parameter, by right."""
        found: dict[Node, list[Grant]] = {}
        for grant in self.grants:
            if not grant.right.parameter:
                found.setdefault(Node(grant.kind, grant.right.text), []).append(grant)
        return {right: tuple(grants) for right, grants in found.items()}

    @cached_property
    def patterned(self) -> tuple[Grant, ...]:
        return tuple(grant for grant in self.grants if grant.right.parameter)

    def grants_of(self, right: Node) -> tuple[tuple[Grant, str], ...]:
        """Return what a right gives, each with the value of its parameter ("" for a plain name)."""
        found = [(grant, "") for grant in self.exact.get(right, ())]
        for grant in self.patterned:
            if grant.kind is right.kind and (value := grant.right.match(right.name)):
                found.append((grant, value))
        return tuple(found)

    @cached_property
    def _levels(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        return {
            (kind.name, level): kind.levels[place:]
            for kind in self.entitlements
            for place, level in enumerate(kind.levels)
        }

    def levels_from(self, type_name: str, level: str) -> tuple[str, ...]:
        """Return the levels of an entitlement type that are at least this one. Empty for unknown ones."""
        return self._levels.get((type_name, level), ())
