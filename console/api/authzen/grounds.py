"""What questions about tenants are answered from: each tenant, its catalogue, and who belongs to it.

Read in plain SQL, with one look-up for all tenants of a request: this is done for every decision.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from console.graph.catalogue import Catalogue
from console.identity.actor import Actor
from console.identity.api_tokens import BY_DIGEST, WIDTH, Bearer, bearer_in, digest_in
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
    WHERE t.slug = """
_NAMED = f"{_SELECT}ANY(%(slugs)s::text[])"
_ARRIVED = f"""
    SELECT token.*, own.* FROM ({BY_DIGEST}) token
    LEFT JOIN LATERAL ({_SELECT}token.tenant) own ON token.tenant <> ''
"""
_TENANT = ("id", "slug", "name", "served_by", "group_name", "role_prefix")
_WITHOUT = Catalogue()


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks, and the tenant of the token with its catalogue by its slug: nothing for one for all."""

    bearer: Bearer
    own: Mapping[str, tuple[Tenant, Catalogue]]

    @property
    def actor(self) -> Actor:
        return self.bearer.actor


def caller_of(header: str, *, now: datetime) -> Caller:
    """Return who sent this Authorization header, with one query. Raises BadToken."""
    rows = rows_of(_ARRIVED, {"digest": digest_in(header)})
    bearer = bearer_in(rows[0][:WIDTH] if rows else None, now=now)
    own = rows[0][WIDTH:]
    return Caller(bearer=bearer, own={own[1]: _made_of(own)} if own[0] is not None else {})


def tenants_with_catalogues(slugs: Collection[str]) -> dict[str, tuple[Tenant, Catalogue]]:
    """Return each of these tenants that is there, with what rights open in it. One query."""
    rows = rows_of(_NAMED, {"slugs": list(slugs)})
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
