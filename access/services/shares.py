"""A tenant with a share of a realm: its top-level group is made with it."""

from access.models import Group
from console.identity.actor import Actor
from console.integrity import constraints
from console.sync.cause import Cause
from console.sync.commands import command
from tenants.models import Tenant
from tenants.services.tenants import RealmTaken, creating, new_share


@command("tenants:tenant:share")
def create_with_share(
    *, actor: Actor, slug: str, name: str, realm: int, cause: Cause | None = None
) -> Tenant:
    """Return a new tenant served by a share of a realm. Raises NameTaken, RealmTaken, Gone."""
    with creating(actor=actor, slug=slug, cause=cause) as made:
        tenant = new_share(slug=slug, name=name, realm=realm, actor=actor)
        made.scope = tenant.realm.scope
        group = Group(realm=tenant.realm, name=slug, path=slug, description=name, created_by=actor.name)
        taken = RealmTaken(f"The realm has a group {slug} already.", field="slug")
        with constraints({"access_group_path_once": taken}):
            group.save(force_insert=True)
        made.touch(group.address)
        made.record(
            f"Tenant {name}",
            address=group.address,
            new={
                "name": name,
                "share_of": tenant.realm.name,
                "group": slug,
                "role_prefix": tenant.role_prefix,
            },
        )
    return tenant
