"""Whom a change of access concerns: everybody who reaches an end of what it touches."""

from collections.abc import Collection

from access.concern import concerns, outside
from access.graphs import access_of, settled_later
from access.models import Membership, Person, PersonRole
from access.terms_page import times_of
from console.engine.state import Address, Kind
from console.graph.closure import Graph
from console.graph.edges import Node, NodeKind, group, role
from console.sync import observed
from console.sync.impact import Make, Times, provide
from console.sync.models import Scope
from tenants.models import Realm, Tenant


class AccessSource:
    """The access graph of a scope, for previews."""

    def people(self, scope: Scope, addresses: Collection[Address]) -> Collection[str]:
        """Return the user names: of touched links of people, and of all above touched groups and roles."""
        named = {address.path[0] for address in addresses if address.kind in PERSONAL}
        named |= {a.path[1] for a in addresses if a.kind is Kind.ENTITLEMENT and a.path[0] == "person"}
        sources = {_source(address) for address in addresses} - {None}
        realm = _realm(scope)
        if not sources or realm is None:
            return named
        structure = access_of(realm, people=()).graph
        above = {node for source in sources if source for node in (source, *structure.upstream_of(source))}
        return named | people_linked(realm, above)

    def graph(self, scope: Scope, people: Collection[str]) -> Make:
        realm = _realm(scope)
        return settled_later(realm, people=people) if realm is not None and people else Graph

    def times(self, scope: Scope, people: Collection[str]) -> dict[Address, Times]:
        realm = _realm(scope)
        return times_of(realm, usernames=people) if realm is not None and people else {}

    def names(self, scope: Scope, usernames: Collection[str]) -> dict[str, str]:
        rows = Person.objects.filter(realm__scope=scope, username__among=usernames)
        return {one.username: str(one) for one in rows}

    def lens(self, scope: Scope, tenant: str) -> "ShareLens | None":
        owner = Tenant.objects.filter(slug=tenant, realm__scope=scope).first()
        return ShareLens(owner) if owner and owner.is_share else None


class ShareLens:
    """A share reads of its own people and things; the rest of the realm has no names here."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    def people(self, usernames: Collection[str]) -> set[str]:
        own = Person.objects.of(self.tenant).filter(username__among=usernames)
        return set(own.values_list("username", flat=True))

    def instead_of(self, node: Node) -> str | None:
        return None if concerns(self.tenant, node) else outside(node)


PERSONAL = (Kind.PERSON, Kind.MEMBERSHIP, Kind.PERSON_ROLE)


def register() -> None:
    provide(AccessSource())


def _realm(scope: Scope) -> Realm | None:
    return Realm.objects.select_related("scope__server").filter(scope=scope).first()


def _source(address: Address) -> Node | None:
    """Return the group or role whose holders a touched address concerns."""
    match address.kind:
        case Kind.ROLE | Kind.COMPOSITE:
            return role(address.path[0])
        case Kind.GROUP | Kind.GROUP_ROLE:
            return group(address.path[0])
        case Kind.ENTITLEMENT if address.path[0] == "group":
            return group(address.path[1])
    return None


def people_linked(realm: Realm, above: Collection[Node]) -> set[str]:
    """Return who is directly in one of these groups or directly has one of these roles."""
    groups = [node.name for node in above if node.kind is NodeKind.GROUP]
    roles = [node.name for node in above if node.kind is NodeKind.ROLE]
    members = Membership.objects.filter(realm=realm, group__path__in=groups)
    holders = PersonRole.objects.filter(realm=realm, role__name__in=roles)
    return {
        *members.values_list("person__username", flat=True),
        *holders.values_list("person__username", flat=True),
        *observed.people_linked_to(realm.scope, groups=groups, roles=roles),
    }
