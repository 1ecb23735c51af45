"""The access model example of kdb Insights Enterprise: who is in it, and who can and cannot do what.

Transcribed by hand from the documentation's lists (the rows of each person) and, where a list is silent,
from the texts of the roles: docs/platforms/kdb-insights.md has the reading of each cell. Nothing here is
taken from the blueprint.
"""

from collections.abc import Iterator
from typing import NamedTuple

PEOPLE = ("business", "developer", "maintainer", "entitlements-admin", "administrator")

ROLES = {
    "business": "insights.role.viewer",
    "developer": "insights.role.developer",
    "maintainer": "insights.role.maintainer",
    "entitlements-admin": "insights.entitlements.admin",
    "administrator": "insights.role.administrator",
}

# Type, name and level of what each is entitled to: demo-ro, demo-rw, demo-data and "*".
ENTITLED = {
    "business": (("package", "demo", "READ"), ("database", "demo", "QUERY")),
    "developer": (("package", "demo", "READ"), ("database", "demo", "QUERY")),
    "maintainer": (("package", "demo", "WRITE"), ("database", "demo", "QUERY")),
    "entitlements-admin": (("package", "*", "WRITE"), ("database", "*", "QUERY")),
    "administrator": (("package", "*", "WRITE"), ("database", "*", "QUERY")),
}

# Who made a package of their own; the business user and the entitlements administrator cannot.
OWNERS = ("developer", "maintainer", "administrator")

OWN, OTHER, DEMO, NOTHING = "own", "other", "demo", ""

# action, capability, target, then one letter for each of PEOPLE: Y can, N cannot, - there is no such case,
# ? the documentation does not say, which is decided as no.
LINES = """
sign in                 | sign-in           |        | Y Y Y Y Y
know the package        | know-package      | demo   | Y Y Y Y Y
know the package        | know-package      | own    | - Y Y - Y
know the package        | know-package      | other  | N N N Y Y
open entities           | view-entities     | demo   | Y Y Y N Y
open entities           | view-entities     | own    | - Y Y - Y
open entities           | view-entities     | other  | N N N N Y
display views           | display-views     | demo   | Y Y Y N Y
display views           | display-views     | own    | - Y Y - Y
display views           | display-views     | other  | N N N N Y
read logs               | view-logs         | demo   | Y Y Y N Y
read logs               | view-logs         | own    | - Y Y - Y
read logs               | view-logs         | other  | N N N N Y
query data              | query-data        | demo   | Y Y Y N Y
query data              | query-data        | own    | - Y Y - Y
query data              | query-data        | other  | N N N N Y
view entitlements       | view-entitlements | demo   | Y Y Y Y Y
view entitlements       | view-entitlements | own    | - Y Y - Y
view entitlements       | view-entitlements | other  | N N N Y Y
edit entitlements       | edit-entitlements | demo   | N N Y Y Y
edit entitlements       | edit-entitlements | own    | - Y Y - Y
edit entitlements       | edit-entitlements | other  | N N N Y Y
change entities         | update-entities   | demo   | N N Y N Y
change entities         | update-entities   | own    | - Y Y - Y
change entities         | update-entities   | other  | N N N N Y
create entities         | create-entities   | demo   | N N Y N Y
create entities         | create-entities   | own    | - Y Y - Y
create entities         | create-entities   | other  | N N N N Y
delete                  | delete-entities   | demo   | N N Y N Y
delete                  | delete-entities   | own    | - N Y - Y
delete                  | delete-entities   | other  | N N N N Y
start and stop          | start-stop        | demo   | N Y Y N Y
start and stop          | start-stop        | own    | - Y Y - Y
start and stop          | start-stop        | other  | N N N N Y
create an own package   | create-package    |        | N Y Y N Y
view auditing           | view-auditing     |        | N N ? ? Y
"""


class Line(NamedTuple):
    person: str
    action: str
    capability: str
    target: str
    expected: str

    def __str__(self) -> str:
        return f"{self.person}: {self.action} {self.target}".strip()

    @property
    def resource(self) -> str:
        """The resource that is asked about: packages, and databases for queries."""
        if not self.target:
            return ""
        kind = "database" if self.capability == "query-data" else "package"
        return f"{kind}:{f'{self.person}-own' if self.target == OWN else self.target}"


def lines() -> Iterator[Line]:
    """Yield every line of the example that has an answer."""
    for row in LINES.strip().splitlines():
        action, capability, target, marks = (part.strip() for part in row.split("|"))
        for person, mark in zip(PEOPLE, marks.split(), strict=True):
            if mark != "-":
                yield Line(person, action, capability, target, mark)
