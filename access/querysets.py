"""Which rows belong to a tenant: the one place where a share of a realm is told from a whole one."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Q

from tenants.models import Tenant

if TYPE_CHECKING:
    from access.models import (  # noqa: F401
        EntitlementType,
        Group,
        NamedEntitlement,
        Person,
        Resource,
        Role,
    )


class OfTenant(models.QuerySet[Any]):
    """Rows of a tenant. A share is narrowed by `share`, which each kind states."""

    def of(self, tenant: Tenant) -> Self:
        rows = self.filter(realm_id=tenant.realm_id)
        return rows.filter(self.share(tenant)) if tenant.is_share else rows

    def share(self, tenant: Tenant) -> Q:
        raise NotImplementedError


class RoleQuerySet(OfTenant):
    def share(self, tenant: Tenant) -> Q:
        return Q(name__startswith=tenant.role_prefix)


class GroupQuerySet(OfTenant):
    def share(self, tenant: Tenant) -> Q:
        return within(tenant.group_name)


class PersonQuerySet(OfTenant):
    def share(self, tenant: Tenant) -> Q:
        # The people of a share are those in its group or below it.
        from access.models import Membership

        members = Membership.objects.filter(within(tenant.group_name, "group__"), realm_id=tenant.realm_id)
        return Q(pk__in=members.values("person_id"))


class EntitlementTypeQuerySet(OfTenant):
    def share(self, tenant: Tenant) -> Q:
        return Q(name__startswith=tenant.type_prefix)


class ResourceQuerySet(OfTenant):
    def share(self, tenant: Tenant) -> Q:
        return Q(type__name__startswith=tenant.type_prefix)

    def single(self) -> Self:
        """Return the resources that are one thing: not `*`, which stands for every one of its type."""
        return self.exclude(name="*")


class NamedEntitlementQuerySet(OfTenant):
    def share(self, tenant: Tenant) -> Q:
        return Q(resource__type__name__startswith=tenant.type_prefix)


def within(path: str, prefix: str = "") -> Q:
    """Return the condition of being this group or one below it."""
    return Q(**{f"{prefix}path": path}) | Q(**{f"{prefix}path__startswith": f"{path}/"})
