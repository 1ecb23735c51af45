"""How a view gets a tenant's things: what is not the tenant's does not exist."""

from typing import Any

from django.http import Http404

from access.models import EntitlementType, Group, NamedEntitlement, Person, Resource, Role
from access.querysets import OfTenant
from tenants.models import Tenant


def role_of(tenant: Tenant, pk: int) -> Role:
    return _one(Role.objects, tenant, pk, "role")


def group_of(tenant: Tenant, pk: int) -> Group:
    return _one(Group.objects.select_related("parent"), tenant, pk, "group")


def person_of(tenant: Tenant, pk: int) -> Person:
    return _one(Person.objects, tenant, pk, "person")


def resource_of(tenant: Tenant, pk: int, *, single: bool = True) -> Resource:
    """Return one resource with its owners and names. Raises Http404.

    The one that stands for all of a type has no owners, and is found where any will do.
    """
    rows = Resource.objects.single() if single else Resource.objects.all()
    return _one(rows.select_related("type").prefetch_related("owners", "names"), tenant, pk, "resource")


def entitlement_type_of(tenant: Tenant, pk: int) -> EntitlementType:
    return _one(EntitlementType.objects, tenant, pk, "entitlement type")


def named_entitlement_of(tenant: Tenant, pk: int) -> NamedEntitlement:
    return _one(NamedEntitlement.objects.select_related("resource__type"), tenant, pk, "entitlement")


def _one(rows: Any, tenant: Tenant, pk: int, noun: str) -> Any:
    """Return one row of the tenant. Raises Http404."""
    narrowed: OfTenant = rows.of(tenant)
    row = narrowed.filter(pk=pk).first()
    if row is None:
        raise Http404(f"There is no such {noun} in {tenant}.")
    return row
