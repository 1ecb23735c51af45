"""Realms that were there before us: observed first, and read only."""

from console.audit.models import EventKind
from console.change import change
from console.identity.actor import Actor
from console.permissions.vocabulary import Permission
from console.sync import queue
from console.sync.cause import Cause, Change
from console.sync.models import Scope
from tenants.desired import CARRIERS
from tenants.models import Realm, Tenant
from tenants.services.tenants import PROTECTED_REALMS, RealmTaken, new_scope, new_tenant


def observe(
    *, actor: Actor, server: int, realm: str, slug: str, name: str, cause: Cause | None = None
) -> Tenant:
    """Return a new tenant with a realm that is only observed, and ask for a complete read of it.

    Nothing is written to Keycloak, so there is nothing to preview. Raises NameTaken, RealmTaken, Gone.
    """
    if realm in PROTECTED_REALMS:
        raise RealmTaken(f"The realm {realm} is Keycloak's own: the service client has no business there.")
    with change(
        actor=actor,
        permission=Permission.REALM_OBSERVE,
        event=EventKind.TENANTS_REALM_OBSERVED,
        tenant=slug,
        cause=cause,
    ) as made:
        made.scope = new_scope(server, realm, mode=Scope.Mode.OBSERVED)
        declared = Realm.objects.create(
            scope=made.scope, is_declared=False, has_carrier=False, created_by=actor.name
        )
        tenant = new_tenant(Tenant(slug=slug, name=name, realm=declared, created_by=actor.name))
        made.record(f"Realm {realm}", new={"name": name, "slug": slug, "realm": realm, "mode": "observed"})
        queue.enqueue_read(made.scope)
    return tenant


def declare_carrier(made: Change, realm: Realm) -> None:
    """Let a realm carry entitlements from now on. Called inside a change that grants one."""
    if not realm.has_carrier:
        _declare_carrier(made, realm)


def _declare_carrier(made: Change, realm: Realm) -> None:
    Realm.objects.filter(pk=realm.pk).update(has_carrier=True)
    realm.has_carrier = True
    made.touch(*(one.address for one in CARRIERS))
