"""The realm that first load, check and changes are measured on.

50 roles, 20 of them composites of 3; 20 groups with 4 groups below each, a role at every group; 20 public
clients; people with 2 groups and 3 roles each. `changed` differs in ten places: three names, two people's
roles, two people's groups, one role's description, one client's redirect address, one composite.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

Names = tuple[str, ...]
LATER_GROUP, LATER_ROLE = "top19/sub3", "role48"


@dataclass(frozen=True, slots=True)
class Somebody:
    """One person, with what she is in and what she has."""

    number: int
    first_name: str
    groups: Names
    roles: Names

    @property
    def username(self) -> str:
        return f"user{self.number:06}"

    @property
    def email(self) -> str:
        return f"user{self.number}@example.org"

    @property
    def last_name(self) -> str:
        return f"Last{self.number}"


@dataclass(frozen=True, slots=True)
class Work:
    """A whole realm: names with what hangs on them."""

    roles: Mapping[str, str]  # description
    composites: Mapping[str, Names]
    groups: Mapping[str, str]  # the role of each, by path, parents first
    clients: Mapping[str, str]  # redirect address
    people: tuple[Somebody, ...]

    @property
    def size(self) -> int:
        """The number of things and links."""
        links = sum(len(one.groups) + len(one.roles) for one in self.people)
        composites = sum(map(len, self.composites.values()))
        return (
            len(self.roles) + composites + 2 * len(self.groups) + len(self.clients) + len(self.people) + links
        )


def work(people: int) -> Work:
    """Return the realm with so many people, the same at every call."""
    groups = {f"top{number}": f"role{number}" for number in range(20)}
    groups |= {
        f"top{number}/sub{below}": f"role{(number + below + 1) % 50}"
        for number in range(20)
        for below in range(4)
    }
    paths = sorted(groups)
    return Work(
        roles={f"role{number}": f"Role {number}" for number in range(50)},
        composites={
            f"role{number}": tuple(f"role{20 + (number * 3 + part) % 30}" for part in range(3))
            for number in range(20)
        },
        groups=groups,
        clients={f"client{number}": f"https://app{number}.example.org/cb" for number in range(20)},
        people=tuple(_somebody(number, paths) for number in range(people)),
    )


def _somebody(number: int, paths: list[str]) -> Somebody:
    first, second = paths[number % len(paths)], paths[(number * 7 + 3) % len(paths)]
    if first == second:
        second = paths[(number + 1) % len(paths)]
    roles = {f"role{(number + step) % 50}" for step in (0, 11, 29)}
    return Somebody(number, "First", tuple(sorted((first, second))), tuple(sorted(roles)))


def changed(before: Work) -> Work:
    """Return the same realm, different in ten places."""
    people = list(before.people)
    for number in (10, 20, 30):
        people[number] = replace(people[number], first_name="Changed")
    for number in (40, 50):
        kept = [one for one in people[number].roles if one != LATER_ROLE][:2]
        people[number] = replace(people[number], roles=tuple(sorted((*kept, LATER_ROLE))))
    for number in (60, 70):
        people[number] = replace(
            people[number], groups=tuple(sorted((people[number].groups[0], LATER_GROUP)))
        )
    return replace(
        before,
        roles={**before.roles, "role45": "Changed"},
        clients={**before.clients, "client3": "https://new.example.org/cb"},
        composites={**before.composites, "role5": before.composites["role5"][:2]},
        people=tuple(people),
    )
