"""Demo data: one tenant with enough in it to look at every page. All of it through the usual services."""

from collections.abc import Sequence
from typing import Any

from access.models import EntitlementType, Group, Person, Resource, Role
from access.services import assignments, entitlements, groups, people, roles
from console.identity.actor import Actor
from console.sync.cause import Cause
from console.sync.commands import command
from tenants.loaders import tenant_named

ROLES = {
    "viewer": "Sees dashboards and reports",
    "reporter": "Builds reports",
    "developer": "Builds and runs pipelines",
    "maintainer": "Changes everything but access",
    "operator": "Runs the fleet",
    "on-call": "Answers alarms at night",
    "auditor": "Reads the logs of all services",
    "storage-reader": "Reads buckets",
    "storage-editor": "Reads and writes buckets",
    "queue-monitor": "Watches queues",
    "access-admin": "Grants and revokes access",
    "billing": "Sees costs",
}
INCLUDES = {
    "reporter": ["viewer"],
    "developer": ["reporter", "storage-reader"],
    "maintainer": ["developer", "storage-editor", "queue-monitor"],
    "operator": ["viewer", "queue-monitor"],
    "on-call": ["operator"],
    "storage-editor": ["storage-reader"],
}
GROUPS = [
    "data-platform",
    "data-platform/analysts",
    "data-platform/developers",
    "data-platform/maintainers",
    "fleet-operations",
    "fleet-operations/night-shift",
    "finance",
    "security",
]
GROUP_ROLES = {
    "data-platform": ["viewer"],
    "data-platform/analysts": ["reporter"],
    "data-platform/developers": ["developer"],
    "data-platform/maintainers": ["maintainer"],
    "fleet-operations": ["operator"],
    "fleet-operations/night-shift": ["on-call"],
    "finance": ["billing", "viewer"],
    "security": ["auditor"],
}
PEOPLE = {
    "data-platform/analysts": ["Greta Lind", "Ines Duarte", "Elena Petrova", "Milo Conti"],
    "data-platform/developers": [
        "Bruno Keller",
        "Chiara Rossi",
        "Daniel Nwosu",
        "Farid Haddad",
        "Olaf Brandt",
    ],
    "data-platform/maintainers": ["Ada Okafor", "Hiro Tanaka", "Priya Menon"],
    "fleet-operations": ["Jonas Weber", "Katya Orlova", "Noor Aziz", "Quentin Roy"],
    "fleet-operations/night-shift": ["Liam Byrne", "Tess de Vries"],
    "finance": ["Uma Krishnan", "Viktor Hahn"],
    "security": ["Nina Berg", "Kofi Mensah"],
}
DIRECT = {"Nina Berg": ["access-admin"], "Mara Silva": ["viewer"], "Noor Aziz": ["storage-editor"]}
BOTH = {"Farid Haddad": "fleet-operations", "Hiro Tanaka": "security"}
PACKAGES = ["demo", "fx-rates", "telemetry", "billing"]
GRANTS = [
    ("demo", "READ", ["data-platform"], []),
    ("fx-rates", "READ", ["data-platform/analysts"], []),
    ("fx-rates", "WRITE", ["data-platform/developers"], []),
    ("telemetry", "READ", ["fleet-operations"], []),
    ("telemetry", "WRITE", ["data-platform/maintainers"], ["Bruno Keller"]),
    ("billing", "READ", ["finance"], ["Milo Conti"]),
]


@command("access:demo:fill")
def fill(*, actor: Actor, tenant: str, cause: Cause | None = None) -> None:
    """Fill an empty tenant. Raises NameTaken where something of the demo is there already."""
    _Demo(actor, tenant, cause or Cause()).fill()


def username_of(name: str) -> str:
    """Return `b.keller` for Bruno Keller."""
    first, _, last = name.lower().partition(" ")
    return f"{first[0]}.{last.replace(' ', '-')}"


class _Demo:
    def __init__(self, actor: Actor, tenant: str, cause: Cause) -> None:
        self.tenant = tenant_named(actor, tenant)
        self.common: dict[str, Any] = {"actor": actor, "tenant": tenant, "cause": cause}

    def fill(self) -> None:
        for name, description in ROLES.items():
            roles.create(name=name, description=description, **self.common)
        for parent, children in INCLUDES.items():
            [pk] = self._roles([parent])
            roles.include(role=pk, children=self._roles(children), **self.common)
        for path in GROUPS:
            above, _, name = path.rpartition("/")
            groups.create(name=name, parent=self._groups([above])[0] if above else None, **self.common)
        for path, names in GROUP_ROLES.items():
            assignments.give_group_roles(groups=self._groups([path]), roles=self._roles(names), **self.common)
        self._people()
        self._entitlements()

    def _people(self) -> None:
        everybody = {name for names in PEOPLE.values() for name in names} | set(DIRECT)
        for name in sorted(everybody):
            first, _, last = name.partition(" ")
            username = username_of(name)
            people.create(
                username=username,
                email=f"{username}@example.org",
                first_name=first,
                last_name=last,
                **self.common,
            )
        for path, names in PEOPLE.items():
            assignments.join(people=self._ids(names), groups=self._groups([path]), **self.common)
        for name, path in BOTH.items():
            assignments.join(people=self._ids([name]), groups=self._groups([path]), **self.common)
        for name, given in DIRECT.items():
            assignments.give_roles(people=self._ids([name]), roles=self._roles(given), **self.common)

    def _entitlements(self) -> None:
        kind: EntitlementType = entitlements.create_type(
            name=f"{self.tenant.type_prefix}package", levels=["READ", "WRITE"], **self.common
        )
        for name in PACKAGES:
            entitlements.create_resource(type=kind.pk, name=name, **self.common)
        for name, level, paths, names in GRANTS:
            entitlements.grant(
                resource=Resource.objects.of(self.tenant).get(type=kind, name=name).pk,
                level=level,
                people=self._ids(names),
                groups=self._groups(paths),
                **self.common,
            )

    def _roles(self, names: Sequence[str]) -> list[int]:
        return self._pks(Role.objects.of(self.tenant).filter(name__in=names))

    def _groups(self, paths: Sequence[str]) -> list[int]:
        return self._pks(Group.objects.of(self.tenant).filter(path__in=paths))

    def _ids(self, names: Sequence[str]) -> list[int]:
        usernames = [username_of(name) for name in names]
        return self._pks(Person.objects.of(self.tenant).filter(username__in=usernames))

    @staticmethod
    def _pks(rows: Any) -> list[int]:
        return list(rows.values_list("pk", flat=True))
