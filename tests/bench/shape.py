"""What a measured realm consists of, beside what the console makes in it.

50 roles, 20 of them composites of 3; 20 groups with 4 groups below each, and a role at every group; each
person in 2 of these groups and in the group of all staff, with 3 roles.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

STAFF = "staff"
"""The group that everybody is in. The console makes it."""
ROLES = tuple(f"role{number}" for number in range(50))
TOP_GROUPS = 20
BELOW_EACH = 4
COMPOSITES = tuple(
    (ROLES[number], ROLES[20 + (number * 3 + part) % 30]) for number in range(20) for part in range(3)
)
GROUPS = tuple(
    path
    for number in range(TOP_GROUPS)
    for path in (f"top{number}", *(f"top{number}/sub{below}" for below in range(BELOW_EACH)))
)
GROUP_ROLES = tuple((path, ROLES[number % len(ROLES)]) for number, path in enumerate(GROUPS))


@dataclass(frozen=True, slots=True)
class Somebody:
    """One imported person."""

    username: str
    groups: tuple[str, ...]
    roles: tuple[str, ...]

    @property
    def email(self) -> str:
        return f"{self.username}@example.org"

    def representation(self, realm: str) -> Json:
        """Return the person for an import, which gives the realm's default role only if it is named."""
        return {
            "username": self.username,
            "email": self.email,
            "firstName": "First",
            "lastName": self.username.title(),
            "enabled": True,
            "groups": [f"/{path}" for path in self.groups],
            "realmRoles": [f"default-roles-{realm}", *self.roles],
        }


def people(count: int) -> Iterator[Somebody]:
    """Yield the imported people, the same at every call."""
    for number in range(count):
        first, second = (GROUPS[place % len(GROUPS)] for place in (number, number * 7 + 3))
        if first == second:
            second = GROUPS[(number + 1) % len(GROUPS)]
        roles = {ROLES[(number + step) % len(ROLES)] for step in (0, 11, 29)}
        yield Somebody(f"user{number:06}", (STAFF, first, second), tuple(sorted(roles)))


def structure() -> Json:
    """Return roles and groups for an import."""
    return {
        "roles": {"realm": [_role(name) for name in ROLES]},
        "groups": [_group(path) for path in GROUPS if "/" not in path],
    }


def _role(name: str) -> Json:
    included = [child for parent, child in COMPOSITES if parent == name]
    return {"name": name, "composite": bool(included), "composites": {"realm": included}}


def _group(path: str) -> Json:
    below = [one for one in GROUPS if one.rpartition("/")[0] == path]
    return {
        "name": path.rpartition("/")[2],
        "path": f"/{path}",
        "realmRoles": [role for group, role in GROUP_ROLES if group == path],
        "subGroups": [_group(one) for one in below],
    }
