"""What a tenant's blueprint says: parsed and expanded once in a process, kept by what made it.

The key of what is kept is the digest of the text together with the parameters, so nothing kept is ever
stale: other parameters or another version are another key.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from console.graph.catalogue import Catalogue
from tenants.models import Blueprint, BlueprintUse, Tenant

KEPT = 64
_WITHOUT = Catalogue()


def catalogue_of(tenant: Tenant) -> Catalogue:
    """Return what rights open in this tenant, with one query. Empty for a tenant without a blueprint."""
    use = (
        BlueprintUse.objects.filter(tenant=tenant)
        .values_list("blueprint__digest", "parameters", "blueprint_id")
        .first()
    )
    if use is None:
        return _WITHOUT
    digest, parameters, pk = use
    return _catalogue(digest, _canonical(parameters), pk)


@lru_cache(maxsize=KEPT)
def _catalogue(digest: str, parameters: str, pk: int) -> Catalogue:
    from console.blueprints.loader import expand, load

    text = Blueprint.objects.values_list("text", flat=True).get(pk=pk, digest=digest)
    return expand(load(text), json.loads(parameters)).catalogue


def _canonical(parameters: Mapping[str, Any]) -> str:
    return json.dumps(parameters, sort_keys=True, separators=(",", ":"))
