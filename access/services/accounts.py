"""Service accounts: clients that act for themselves, and take roles and entitlements as people do."""

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from console.engine.state import Kind
from console.sync.commands import Gone
from tenants.models import Declaration, Tenant


def accounts_in(tenant: Tenant) -> QuerySet[Any]:
    """Return the declared clients with a service account. They are the realm's, so no share has any."""
    rows = Declaration.objects.filter(realm=tenant.realm, kind=Kind.CLIENT, fields__service_accounts=True)
    return rows.none() if tenant.is_share else rows


def accounts_of(tenant: Tenant, pks: Collection[int], *, field: str) -> list[Declaration]:
    """Return these clients in the order of their ids. Raises Gone when one is no more or has no account."""
    wanted = sorted(set(pks))
    found = list(accounts_in(tenant).filter(pk__in=wanted).order_by("pk")) if wanted else []
    if len(found) != len(wanted):
        raise Gone(
            f"{len(wanted) - len(found)} of the service accounts that you chose are no more.", field=field
        )
    return found
