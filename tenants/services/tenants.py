"""Tenants: with a realm of their own, or with a share of one."""

from contextlib import AbstractContextManager

from console.audit.models import EventKind
from console.change import change
from console.engine.state import Kind
from console.identity.actor import Actor
from console.integrity import constraints
from console.permissions.vocabulary import Permission
from console.sync.administration import own_realm
from console.sync.cause import Cause, Change
from console.sync.commands import Conflict, Gone, Refused, command
from console.sync.models import KeycloakServer, Scope
from tenants.desired import FIRST, REALM, REALM_FIELDS, fields_of
from tenants.loaders import tenant_named
from tenants.models import Realm, Tenant
from tenants.secrets import Kept, verified
from tenants.validity import cleaned

PROTECTED_REALMS = ("master",)


class NameTaken(Refused):
    """A tenant of this short name exists."""


class RealmTaken(Refused):
    """The realm is managed already, or is protected."""


def refuse_protected(realm: str) -> None:
    """Refuse the realms that are nobody's tenant: Keycloak's own and the console's. Raises RealmTaken."""
    if realm in PROTECTED_REALMS:
        raise RealmTaken(f"The realm {realm} is Keycloak's own.", field="realm")
    if realm == own_realm():
        raise RealmTaken(
            f"The realm {realm} is the console's own: its operators sign in there. Choose another name.",
            field="realm",
        )


@command("tenants:tenant:create")
def create_with_realm(
    *, actor: Actor, slug: str, name: str, server: int, realm: str, cause: Cause | None = None
) -> Tenant:
    """Return a new tenant with a realm of its own. Raises NameTaken, RealmTaken, Gone."""
    refuse_protected(realm)
    with creating(actor=actor, slug=slug, cause=cause) as made:
        made.scope = new_scope(server, realm)
        declared = Realm.objects.create(scope=made.scope, display_name=name, created_by=actor.name)
        tenant = new_tenant(Tenant(slug=slug, name=name, realm=declared, created_by=actor.name))
        made.touch(*FIRST)
        made.record(
            f"Tenant {name}",
            address=REALM,
            new={"name": name, "slug": slug, "realm": realm, **fields_of(declared)},
        )
    return tenant


def new_share(*, slug: str, name: str, realm: int, actor: Actor) -> Tenant:
    """Return a new tenant row with a share of a realm, inside the caller's change.

    Raises NameTaken, RealmTaken, Gone.
    """
    declared = Realm.objects.select_related("scope__server").filter(pk=realm).first()
    if declared is None:
        raise Gone("This realm is no longer managed here.", field="realm")
    return new_tenant(
        Tenant(
            slug=slug,
            name=name,
            realm=declared,
            served_by=Tenant.ServedBy.SHARE,
            group_name=slug,
            role_prefix=f"{slug}:",
            created_by=actor.name,
        )
    )


def creating(*, actor: Actor, slug: str, cause: Cause | None) -> AbstractContextManager[Change]:
    """Open the door for a new tenant."""
    return change(
        actor=actor,
        permission=Permission.TENANT_CREATE,
        event=EventKind.TENANTS_TENANT_CREATED,
        tenant=slug,
        cause=cause,
    )


def new_scope(server: int, realm: str, *, mode: Scope.Mode = Scope.Mode.MANAGED) -> Scope:
    """Return the row of a realm that is new here, inside the caller's change. Raises RealmTaken, Gone."""
    row = KeycloakServer.objects.filter(pk=server).first()
    if row is None:
        raise Gone("This server is no longer listed.", field="server")
    taken = RealmTaken(f"The realm {realm} of {row.name} is managed here already.", field="realm")
    with constraints({"sync_scope_one_per_realm": taken}):
        return _saved_scope(Scope(server=row, realm=realm, mode=mode))


def _saved_scope(scope: Scope) -> Scope:
    scope.save(force_insert=True)
    return scope


def new_tenant(tenant: Tenant) -> Tenant:
    """Return the row of a new tenant, saved, inside the caller's change. Raises NameTaken, RealmTaken."""
    share = RealmTaken("Another tenant has this share of the realm.", field="realm")
    errors: dict[str, Exception] = {
        "tenants_tenant_slug_key": NameTaken("A tenant of this short name exists.", field="slug"),
        "tenants_tenant_share_group_once": share,
        "tenants_tenant_share_prefix_once": share,
    }
    with constraints(errors):
        _save_tenant(tenant)
    return tenant


def _save_tenant(tenant: Tenant) -> None:
    tenant.save(force_insert=True)


@command("tenants:realm:edit")
def edit_realm(
    *,
    actor: Actor,
    tenant: str,
    revision: int,
    values: dict[str, object],
    secrets: Kept | None = None,
    cause: Cause | None = None,
) -> Realm:
    """Return the realm with new settings; those that are not named stay. `secrets` come sealed.

    Raises Conflict when another editor was faster, ValueRefused.
    """
    owner = tenant_named(actor, tenant)
    scope = owner.realm.scope
    with change(
        actor=actor,
        permission=Permission.REALM_EDIT,
        event=EventKind.TENANTS_REALM_EDITED,
        scope=scope,
        tenant=tenant,
        cause=cause,
    ) as made:
        realm = Realm.objects.select_for_update(of=("self",)).get(pk=owner.realm_id)
        old = fields_of(realm)
        if not realm.is_declared:
            raise Refused("These settings are not managed here. Adopt the realm's settings first.")
        if realm.revision != revision:
            raise Conflict("Somebody changed this realm meanwhile.", theirs=old, revision=realm.revision)
        realm.secrets = realm.secrets | verified(scope, REALM, secrets or {})
        set_realm(realm, values, made, old)
    return realm


def set_realm(realm: Realm, values: dict[str, object], made: Change, old: dict[str, object]) -> None:
    """Save other settings of a realm; those that are not named stay. Called inside a change.

    Raises ValueRefused, and Refused for a token that lives longer than its session.
    """
    for name in REALM_FIELDS:
        if name in values:
            setattr(realm, name, values[name])
    more = {name: value for name, value in values.items() if name not in REALM_FIELDS}
    realm.more = realm.more | cleaned(Kind.REALM, more)
    realm.revision += 1
    too_long = Refused(
        "An access token cannot live longer than the session: raise the session maximum.",
        field="access_token_lifespan",
    )
    with constraints({"tenants_realm_token_within_session": too_long}):
        _save_realm(realm)
    made.touch(REALM)
    made.record(f"Realm {realm.name}", address=REALM, old=old, new=fields_of(realm))


def _save_realm(realm: Realm) -> None:
    realm.save(update_fields=[*REALM_FIELDS, "more", "secrets", "is_declared", "revision"])
