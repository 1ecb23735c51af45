"""Realms made by chance from a seed: the same seed gives the same realm, on every machine.

They are as deep as the requirements ask (groups in four levels, composites over three links) and hold what
breaks a simple calculation: roles by several paths, members of a group and of its parent, people without the
default role, composites that include each other, and names that need quoting.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any

from console.engine.state import Address, Kind, Resource, State

GROUP_LEVELS = 4
COMPOSITE_LINKS = 3
AWKWARD = ("", " of the night", ":edit", "-ü", " %2e", "+plus", ";v=1", ".dot", " (a&b)")
JSON = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class GeneratedRealm:
    """What a realm consists of, as links. `layers` are the roles by how many composites they stand above."""

    seed: int
    people: tuple[str, ...]
    groups: tuple[str, ...]
    layers: tuple[tuple[str, ...], ...]
    composites: frozenset[tuple[str, str]] = field(repr=False)
    group_roles: frozenset[tuple[str, str]] = field(repr=False)
    memberships: frozenset[tuple[str, str]] = field(repr=False)
    person_roles: frozenset[tuple[str, str]] = field(repr=False)
    without_default_role: frozenset[str] = field(repr=False)

    @cached_property
    def roles(self) -> tuple[str, ...]:
        return tuple(role for layer in self.layers for role in layer)

    @property
    def group_depth(self) -> int:
        return max(len(group.split("/")) for group in self.groups)

    @property
    def links(self) -> int:
        return sum(map(len, (self.composites, self.group_roles, self.memberships, self.person_roles)))

    def state(self) -> State:
        """Return the same realm as the engine sees it, with default fields."""
        return State.of(Resource(address) for address in sorted(self._addresses()))

    def representation(self, realm: str) -> JSON:
        """Return what Keycloak takes to make this realm in one call, the default role named for its holders.

        https://www.keycloak.org/docs-api/latest/rest-api/index.html#RealmRepresentation
        """
        return {
            "realm": realm,
            "enabled": True,
            "roles": {"realm": [self._role(name) for name in self.roles]},
            "groups": [self._group(name) for name in self.groups if "/" not in name],
            "users": [self._user(name, f"default-roles-{realm.lower()}") for name in self.people],
        }

    def _addresses(self) -> Iterator[Address]:
        for kind, names in ((Kind.ROLE, self.roles), (Kind.GROUP, self.groups), (Kind.PERSON, self.people)):
            yield from (Address(kind, (name,)) for name in names)
        yield from (Address(Kind.COMPOSITE, pair) for pair in self.composites)
        yield from (Address(Kind.GROUP_ROLE, pair) for pair in self.group_roles)
        yield from (Address(Kind.MEMBERSHIP, pair) for pair in self.memberships)
        yield from (Address(Kind.PERSON_ROLE, pair) for pair in self.person_roles)

    def _role(self, name: str) -> JSON:
        included = _ends(self.composites, name)
        return {"name": name, "composite": bool(included), "composites": {"realm": included}}

    def _group(self, path: str) -> JSON:
        below = [group for group in self.groups if group.rpartition("/")[0] == path]
        return {
            "name": path.rpartition("/")[2],
            "realmRoles": _ends(self.group_roles, path),
            "subGroups": [self._group(group) for group in below],
        }

    def _user(self, name: str, default_role: str) -> JSON:
        default = [] if name in self.without_default_role else [default_role]
        return {
            "username": name,
            "email": f"{name}@example.org",
            "firstName": name.capitalize(),
            "lastName": "Generated",
            "enabled": True,
            "groups": [f"/{group}" for group in _ends(self.memberships, name)],
            "realmRoles": default + _ends(self.person_roles, name),
        }


def generated_realm(
    seed: int, *, people: int = 50, top_groups: int = 3, roles_per_layer: int = 6
) -> GeneratedRealm:
    """Return the realm of a seed. Every fifth has composites that include each other in a circle."""
    random = Random(seed)
    names = tuple(f"person{number:03}" for number in range(people))
    groups = tuple(_groups(random, top_groups))
    layers = _layers(random, roles_per_layer)
    roles = [role for layer in layers for role in layer]
    return GeneratedRealm(
        seed=seed,
        people=names,
        groups=groups,
        layers=layers,
        composites=frozenset(_composites(random, layers, circle=seed % 5 == 0)),
        group_roles=_some(random, groups, roles, most=2),
        memberships=_some(random, names, groups, most=3),
        person_roles=_some(random, names, roles, most=2),
        without_default_role=frozenset(random.sample(names, people // 10)),
    )


def _groups(random: Random, top_groups: int) -> Iterator[str]:
    """Yield groups of all levels; the first child of each goes down to the last level."""
    level = [f"team{number}{random.choice(AWKWARD)}" for number in range(top_groups)]
    for depth in range(GROUP_LEVELS):
        yield from level
        level = [
            f"{parent}/unit{number}{random.choice(AWKWARD)}"
            for parent in level
            for number in range(random.randint(1, 3 - min(depth, 2)))
        ]


def _layers(random: Random, size: int) -> tuple[tuple[str, ...], ...]:
    return tuple(
        tuple(f"role-{layer}-{number}{random.choice(AWKWARD)}" for number in range(size))
        for layer in range(COMPOSITE_LINKS + 1)
    )


def _composites(
    random: Random, layers: tuple[tuple[str, ...], ...], *, circle: bool
) -> Iterator[tuple[str, str]]:
    """Yield links from each layer to the one below, some past it, and where asked one back to the top."""
    for height in range(len(layers) - 1, 0, -1):
        for role in layers[height]:
            yield from ((role, lower) for lower in random.sample(layers[height - 1], random.randint(1, 2)))
            if random.random() < 0.3:
                yield role, random.choice(layers[random.randrange(height)])
    if circle:
        yield layers[0][0], layers[-1][0]


def _some(
    random: Random, owners: tuple[str, ...], choices: list[str] | tuple[str, ...], *, most: int
) -> frozenset[tuple[str, str]]:
    """Return from none to `most` links for each owner."""
    return frozenset(
        (owner, choice) for owner in owners for choice in random.sample(choices, random.randint(0, most))
    )


def _ends(pairs: frozenset[tuple[str, str]], start: str) -> list[str]:
    return sorted(end for begin, end in pairs if begin == start)
