"""Groups and roles that a file names and that shall be made with it. No row stands without them."""

from typing import Any

from access.models import Group, Role
from access.services.base import Door
from access.services.roles import refuse_name
from console.sync.commands import Refused

BATCH = 500


def make_things(opened: Door, options: dict[str, Any]) -> None:
    """Make the groups and roles that are still missing. Raises NameRefused, and Refused outside a share."""
    _make_groups(opened, sorted(options.get("new_groups", ())))
    _make_roles(opened, sorted(options.get("new_roles", ())))


def _make_groups(opened: Door, paths: list[str]) -> None:
    """Make groups, those above before those below: their paths are sorted."""
    tenant = opened.tenant
    known = {row.path: row for row in Group.objects.filter(realm=tenant.realm)} if paths else {}
    for path in paths:
        if path in known:
            continue
        parent, _, name = path.rpartition("/")
        if tenant.is_share and not path.startswith(f"{tenant.group_name}/"):
            raise Refused(f"Groups of this tenant stand below {tenant.group_name}.")
        row = Group(realm=tenant.realm, name=name, path=path, parent=known.get(parent), created_by=opened.by)
        row.save(force_insert=True)
        known[path] = row
        # Without a part: where it fails, the rows that need it must not go on.
        opened.made.touch(row.address)
        opened.made.record(f"Group {row.words}", address=row.address, new={"path": path, "is_thing": True})


def _make_roles(opened: Door, names: list[str]) -> None:
    rows = Role.objects.filter(realm=opened.tenant.realm, name__in=names)
    known = set(rows.values_list("name", flat=True))
    for name in names:
        if name in known:
            continue
        refuse_name(opened.tenant, name)
        row = Role(realm=opened.tenant.realm, name=name, created_by=opened.by)
        row.save(force_insert=True)
        opened.made.touch(row.address)
        opened.made.record(f"Role {name}", address=row.address, new={"name": name, "is_thing": True})
