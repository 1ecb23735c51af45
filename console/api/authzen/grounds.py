"""What questions about tenants are answered from: each tenant, its catalogue, and who belongs to it.

Read in plain SQL, with one look-up for all tenants of a request: this is done for every decision.
"""

import json
from collections.abc import Collection
from functools import lru_cache
from typing import Any

from console.graph.catalogue import Catalogue
from console.prepared import rows_of
from console.sync.models import Scope
from tenants.blueprints import KEPT, catalogue_by
from tenants.models import Realm, Tenant

_SELECT = """
    SELECT t.id, t.slug, t.name, t.served_by, t.group_name, t.role_prefix, r.id, s.id, s.realm, s.read_at,
           s.unreadable::text, s.mode, b.id, b.digest, u.parameters::text
    FROM tenants_tenant t
    JOIN tenants_realm r ON r.id = t.realm_id
    JOIN sync_scope s ON s.id = r.scope_id
    LEFT JOIN tenants_blueprintuse u ON u.tenant_id = t.id
    LEFT JOIN tenants_blueprint b ON b.id = u.blueprint_id
    WHERE t.slug = ANY(%(slugs)s::text[])
"""
_TENANT = ("id", "slug", "name", "served_by", "group_name", "role_prefix")
_WITHOUT = Catalogue()


def tenants_with_catalogues(slugs: Collection[str]) -> dict[str, tuple[Tenant, Catalogue]]:
    """Return each of these tenants that is there, with what rights open in it. One query."""
    rows = rows_of(_SELECT, {"slugs": list(slugs)})
    return {row[1]: _made_of(row) for row in rows}


@lru_cache(maxsize=KEPT)
def _made_of(row: tuple[Any, ...]) -> tuple[Tenant, Catalogue]:
    """Return what a row says. Nothing else than the row decides, so what is kept is never stale."""
    return _tenant(row), _catalogue(*row[12:])


def _tenant(row: tuple[Any, ...]) -> Tenant:
    *own, realm_id, scope_id, realm_name, read_at, unreadable, mode = row[:12]
    scope = Scope(
        id=scope_id, realm=realm_name, read_at=read_at, unreadable=json.loads(unreadable), mode=mode
    )
    realm = Realm(id=realm_id, scope=scope)
    return Tenant(realm=realm, **dict(zip(_TENANT, own, strict=True)))


def _catalogue(blueprint: int | None, digest: str | None, parameters: str) -> Catalogue:
    if blueprint is None or digest is None:
        return _WITHOUT
    return catalogue_by(digest=digest, parameters=json.loads(parameters), blueprint=blueprint)
