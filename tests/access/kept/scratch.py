"""The rights of anybody, worked out from bare rows by the plainest rules, to compare kept answers with.

Nothing of `access.kept` is used, nor of the graph: declared resources come from the target of the engine,
observed and waiting ones from their tables, and rights are followed link by link until nothing is added.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from access.models import Person, ResourceOwner
from console.engine.kinds import GIVEN_SCOPES
from console.engine.state import Address, Kind, Selection
from console.sync.desired import DatabaseTarget
from console.sync.impact import Pending
from console.sync.models import Observed, Scope
from tenants.models import Realm

Thing = tuple[str, str]  # kind and name
Link = tuple[Thing, Thing]
RIGHTS = ("role", "client-role", "client-scope", "entitlement")
THINGS = ("client", "client-role", "client-scope", "group", "role", "person", "organization")


class Scratch:
    """Everything that there is of a realm now."""

    def __init__(self, realm: Realm) -> None:
        scope = Scope.objects.get(pk=realm.scope_id)
        declared = {one.address: one.fields for one in DatabaseTarget(scope).read(Selection.all())}
        rows = list(Observed.objects.filter(scope=scope))
        seen = {Address.parse(row.address): row.fields for row in rows}
        waiting = Pending.of(scope.touched.all())
        gone = {(one.kind.value, one.path) for one in waiting.addresses - declared.keys()}
        gone = {one for one in gone if one[0] in THINGS}
        settled = {waiting.renamed(one): fields for one, fields in seen.items()}
        settled = {one: fields for one, fields in settled.items() if not _hit(one, gone)}
        settled = {one: fields for one, fields in settled.items() if one not in waiting.addresses}
        self.all: dict[Address, Any] = {**settled, **declared}
        for address in seen.keys() & declared.keys():
            if seen[address].get("service_accounts"):
                self.all[address] = {**declared[address], "service_accounts": True}
        known = {
            waiting.renamed(Address.parse(row.address))
            for row in rows
            if row.kind == "person" and scope.read_at and row.read_at <= scope.read_at
        }
        self.known = {one.path[0] for one in known if ("person", one.path) not in gone}
        declared_people = Person.objects.filter(realm=realm).values_list("username", flat=True)
        self.people = {*declared_people, *self.known}
        self.default = f"default-roles-{scope.realm}"
        self.owned = list(ResourceOwner.objects.filter(realm=realm).select_related("resource__type"))
        self.links = list(self._links())

    def rights(self, subject: Thing) -> set[Thing]:
        reached, waiting = {subject}, [subject]
        if subject[0] == "group":
            parts = subject[1].split("/")
            waiting += [("group", "/".join(parts[:depth])) for depth in range(1, len(parts))]
        if subject[0] in ("group", "role", "client-role"):
            waiting.append(("everybody", ""))
        while waiting:
            at = waiting.pop()
            for source, target in self.links:
                if source == at and target not in reached:
                    reached.add(target)
                    waiting.append(target)
        found = {one for one in reached if one[0] in RIGHTS}
        if subject[0] == "service-account":
            own = f"{subject[1]}/"
            found = {one for one in found if one[0] != "client-scope" or one[1].startswith(own)}
        return found

    def owns(self, subject: Thing) -> set[str]:
        return {
            f"{row.resource.type.name}:{row.resource.name}"
            for row in self.owned
            if (row.person and subject == ("person", row.person.username))
            or (row.client and subject == ("service-account", row.client.address.removeprefix("client:")))
        }

    def _inside(self, role: Thing) -> set[Thing]:
        """Return the roles that a role includes: each of them suffices where it is mapped to a scope."""
        found, waiting = set[Thing](), [role]
        while waiting:
            at = waiting.pop()
            inner = {
                link[1]
                for one in self.all
                if "composite" in one.kind.value and (link := _link(one)) and link[0] == at
            }
            waiting.extend(inner - found)
            found |= inner
        return found

    def _links(self) -> Iterator[Link]:
        plain = [link for address in self.all if (link := _link(address))]
        yield from plain
        yield from self._scopes()
        named = [thing for link in plain for thing in link] + [
            ("group", one.path[0]) for one in self.all if one.kind is Kind.GROUP
        ]
        newcomers = [("role", self.default)]
        newcomers += [("group", one.path[0]) for one in self.all if one.kind is Kind.DEFAULT_GROUP]
        named += newcomers
        for kind, name in set(named):
            parts = name.split("/") if kind == "group" else []
            for depth in range(len(parts) - 1, 0, -1):
                yield ("group", "/".join(parts[: depth + 1])), ("group", "/".join(parts[:depth]))
            if kind in ("person", "service-account"):
                yield (kind, name), ("everybody", "")
        for name in self.people:
            yield ("person", name), ("everybody", "")
        for name in self.people - self.known:
            yield from ((("person", name), one) for one in newcomers)
        for address, fields in self.all.items():
            if address.kind is Kind.CLIENT and fields.get("service_accounts"):
                yield ("service-account", address.path[0]), ("everybody", "")

    def _scopes(self) -> Iterator[Link]:
        for address in self.all:
            if address.kind is not Kind.CLIENT_DEFAULT_SCOPE or address.path[1] in GIVEN_SCOPES:
                continue
            scope = ("scope", address.path[1])
            yield scope, ("client-scope", "/".join(address.path))
            roles = [
                one for one in self.all if one.kind.value.startswith("scope-") and one.path[0] == scope[1]
            ]
            for one in roles:
                kind = "role" if one.kind is Kind.SCOPE_ROLE else "client-role"
                yield (kind, "/".join(one.path[1:])), scope
                yield from ((inner, scope) for inner in self._inside((kind, "/".join(one.path[1:]))))
            if not roles:
                yield ("everybody", ""), scope


def _hit(address: Address, gone: Iterable[tuple[str, tuple[str, ...]]]) -> bool:
    """Say whether an address is, or names, something that goes."""
    for kind, path in gone:
        if address.kind.value == kind and address.path == path:
            return True
        if any(end == (kind, path) for end in _named(address)):
            return True
    return False


def _named(address: Address) -> list[tuple[str, tuple[str, ...]]]:
    p = address.path
    match address.kind.value:
        case "membership":
            return [("person", p[:1]), ("group", p[1:])]
        case "person-role":
            return [("person", p[:1]), ("role", p[1:])]
        case "person-client-role":
            return [("person", p[:1]), ("client-role", p[1:]), ("client", p[1:2])]
        case "group-role":
            return [("group", p[:1]), ("role", p[1:])]
        case "group-client-role":
            return [("group", p[:1]), ("client-role", p[1:]), ("client", p[1:2])]
        case "composite":
            return [("role", p[:1]), ("role", p[1:])]
        case "composite-client-role":
            return [("role", p[:1]), ("client-role", p[1:]), ("client", p[1:2])]
        case "entitlement":
            return [(p[0], p[1:2])]
        case "service-role":
            return [("client", p[:1]), ("role", p[1:])]
        case "service-membership":
            return [("client", p[:1]), ("group", p[1:])]
        case "client-role":
            return [("client", p[:1])]
        case "client-default-scope":
            return [("client", p[:1]), ("client-scope", p[1:])]
        case "scope-role":
            return [("client-scope", p[:1]), ("role", p[1:])]
        case "default-group":
            return [("group", p)]
    return []


def _link(address: Address) -> Link | None:
    p = address.path
    match address.kind.value:
        case "membership":
            return ("person", p[0]), ("group", p[1])
        case "person-role":
            return ("person", p[0]), ("role", p[1])
        case "person-client-role":
            return ("person", p[0]), ("client-role", f"{p[1]}/{p[2]}")
        case "group-role":
            return ("group", p[0]), ("role", p[1])
        case "group-client-role":
            return ("group", p[0]), ("client-role", f"{p[1]}/{p[2]}")
        case "composite":
            return ("role", p[0]), ("role", p[1])
        case "composite-client-role":
            return ("role", p[0]), ("client-role", f"{p[1]}/{p[2]}")
        case "entitlement":
            kind = "service-account" if p[0] == "client" else p[0]
            return (kind, p[1]), ("entitlement", p[2])
        case "service-role":
            return ("service-account", p[0]), ("role", p[1])
        case "service-membership":
            return ("service-account", p[0]), ("group", p[1])
    return None
