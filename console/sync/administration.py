"""The guard's rules about administrators: of a realm, and of the console in the realm it signs in with."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from console.engine.kinds import REALM, described, ends
from console.engine.operation import Action, Operation
from console.engine.state import Address, Kind, Selection, State
from console.engine.stops import Rule, Stop
from console.graph.edges import Node, group, person, role
from console.graph.guarded import (
    admin_rights,
    grounds_of_trust,
    lapse_of,
    last_administrator,
    right_named,
)
from console.graph.standing import Standing
from console.identity.models import OidcIdentity
from console.keycloak.provision import TENANTS_GROUP
from console.permissions.policy import ADMIN, group_of, needed_roles
from console.sync import observed
from console.sync.models import Observed, Scope
from console.sync.standing import standing_of, that_matter


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who asked for a plan, by the actor's key, and for which tenant."""

    actor_key: str
    tenant: str


Read = Callable[[Selection], State]
MOST_LOOKS = 5


def stops_of(
    scope: Scope, operations: Sequence[Operation], *, asked: Iterable[Asked], read: Read | None
) -> list[Stop]:
    """Return what the plan does to administrators that needs a reason, and what of it is forbidden.

    `read` asks Keycloak anew for those on whom it rests that somebody is left. Raises what it raises.
    """
    if not operations:
        return []
    own = is_own(scope)
    admins = [right_named(text) for text in settings.ADMINISTRATORS]
    console = _console_admins() if own else []
    tenants = [group(group_of(one.tenant).strip("/")) for one in asked if own and one.tenant]
    wanted = [*admins, *console, *tenants]
    some = that_matter(scope, operations, wanted=wanted)
    standing = standing_of(scope, some, wanted=wanted)
    if read is not None:
        for rights in (admins, console):
            standing = _looked_at(scope, some, standing, rights, wanted, read)
    found = admin_rights(standing, some, also=[*admins, *console])
    if lapse := lapse_of(standing, some, wanted=admins):
        found.append(last_administrator(lapse, realm=scope.realm))
    if own:
        found += _own_realm(scope, standing, some, console, asked)
    return [*found, *_own_clients(scope, operations, is_own=own)]


def _looked_at(
    scope: Scope,
    operations: Sequence[Operation],
    standing: Standing,
    rights: list[Node],
    wanted: list[Node],
    read: Read,
) -> Standing:
    """Return who stands where, after those on whom it rests that somebody is left were read anew."""
    for _ in range(MOST_LOOKS):
        addresses = grounds_of_trust(standing, operations, wanted=rights)
        if not addresses:
            break
        found = read(Selection(addresses=addresses))
        observed.keep(scope, found, looked_at=addresses, now=timezone.now())
        if all(_holds(found, one) for one in addresses):
            break
        standing = standing_of(scope, operations, wanted=wanted)
    return standing


def _holds(found: State, address: Address) -> bool:
    """Tell whether Keycloak has a link or a person as it was known: who is disabled counts no more."""
    resource = found.get(address)
    return resource is not None and resource.fields.get("enabled") is not False


def is_own(scope: Scope) -> bool:
    """Tell whether this is the realm in which the operators of the console sign in."""
    issuers = [urlsplit(url) for url in (settings.OIDC_ISSUER, settings.OIDC_INTERNAL_URL)]
    server = urlsplit(scope.server.url)
    return scope.realm == own_realm() and any(
        (one.hostname, one.port) == (server.hostname, server.port) for one in issuers
    )


def own_realm() -> str:
    """Return the name of the realm in which the operators of the console sign in."""
    return str(settings.OIDC_ISSUER).rstrip("/").rpartition("/")[2]


def _console_admins() -> list[Node]:
    return [role(ADMIN), *(group(path.strip("/")) for path in settings.CLUSTER_ADMIN_GROUPS)]


def _own_realm(
    scope: Scope,
    standing: Standing,
    operations: Sequence[Operation],
    console: list[Node],
    asked: Iterable[Asked],
) -> Iterator[Stop]:
    if lapse := lapse_of(standing, operations, wanted=console):
        remedy = "Only a break-glass account could sign in then."
        yield last_administrator(lapse, realm=scope.realm, noun="administrator of the console", remedy=remedy)
    for one in asked:
        yield from _lock_out(scope, standing, operations, console, one)


def _lock_out(
    scope: Scope, standing: Standing, operations: Sequence[Operation], console: list[Node], asked: Asked
) -> Iterator[Stop]:
    """Yield a stop where who asks for the plan could not take it back any more."""
    username = _username(scope, asked.actor_key)
    rights = [*console, group(group_of(asked.tenant).strip("/"))] if asked.tenant else console
    if not username:
        return
    lapse = lapse_of(standing, operations, wanted=rights, whom=person(username))
    if lapse is None:
        return
    end = "at the end" if lapse.is_lasting else "on the way"
    yield Stop(
        rule=Rule.OWN_LOCK_OUT,
        address=lapse.operation.final,
        sentence=f"You lock yourself out: {end} {username} may not change {asked.tenant or 'this'} any more.",
        consequence=(
            f"You lose the right by this: {described(lapse.operation.address)}. "
            "You could not take the plan back; another administrator would have to."
        ),
        about=f"{asked.actor_key}:{asked.tenant}",
        name=scope.realm,
    )


def _username(scope: Scope, actor_key: str) -> str:
    """Return what the operator is called in the realm, "" for one who does not sign in there."""
    known = OidcIdentity.objects.filter(issuer=settings.OIDC_ISSUER, user__username=actor_key).first()
    if known is None:
        return ""
    rows = Observed.objects.filter(scope=scope, kind=Kind.PERSON, keycloak_id=known.subject)
    return rows.values_list("owner", flat=True).first() or ""


def _own_clients(scope: Scope, operations: Sequence[Operation], *, is_own: bool) -> Iterator[Stop]:
    """Yield what touches that by which the console itself signs in or writes: it is never changed here."""
    kept = {Address(Kind.CLIENT, (scope.server.client_id,))}
    if is_own:
        kept |= {REALM, Address(Kind.CLIENT, (settings.OIDC_RP_CLIENT_ID,))}
        kept |= {Address(Kind.ROLE, (name,)) for name in needed_roles()}
        kept.add(Address(Kind.GROUP, (TENANTS_GROUP,)))
    for operation in operations:
        if operation.action is not Action.ADOPT and (hit := _things(operation) & kept):
            what = described(operation.address)
            yield Stop(
                rule=Rule.OWN_REALM,
                address=operation.final,
                sentence=f"{what[0].upper()}{what[1:]} stays: {described(min(hit))} is the console's own.",
                consequence="By it the console signs people in or writes to Keycloak.",
                is_forbidden=True,
            )


def _things(operation: Operation) -> set[Address]:
    """Return what an operation changes: the thing itself, or the client of a setting inside it."""
    things = {operation.address, *([operation.was] if operation.was else [])}
    if operation.address.kind.value.startswith(("client-", "service-", "allowed-")):
        things |= {end for _, end in ends(operation.address)[:1]}
        things |= {Address(Kind.CLIENT, end.path[:1]) for end in list(things) if end.kind is Kind.CLIENT_ROLE}
    return things
