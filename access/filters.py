"""Which rows a list shows. The address holds every filter, so that it can be shared and gone back to."""

from typing import Any

import django_filters
from django.db.models import F, Q, QuerySet

from access.models import Entitlement, EntitlementType, Group, Person, Role
from access.querysets import within
from console.web.filters import FilterSet
from tenants.models import Tenant


class RoleFilter(FilterSet):
    q = django_filters.CharFilter(method="matching", label="Filter roles")

    class Meta:
        model = Role
        fields = ("q",)

    def matching(self, rows: QuerySet[Role], name: str, value: str) -> QuerySet[Role]:
        return rows.filter(Q(name__icontains=value) | Q(description__icontains=value))


class GroupFilter(FilterSet):
    q = django_filters.CharFilter(field_name="path", lookup_expr="icontains", label="Filter groups")

    class Meta:
        model = Group
        fields = ("q",)


class PersonFilter(FilterSet):
    """Text over names and e-mail; enabled or not; in a group or below it; given a role directly."""

    q = django_filters.CharFilter(method="matching", label="Filter people")
    enabled = django_filters.BooleanFilter(label="May sign in")
    group = django_filters.ModelChoiceFilter(
        queryset=Group.objects.none(), method="within_group", label="Group"
    )
    role = django_filters.ModelChoiceFilter(
        queryset=Role.objects.none(), field_name="role_links__role", label="Role given directly"
    )

    class Meta:
        model = Person
        fields = ("q", "enabled", "group", "role")

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["group"].queryset = Group.objects.of(tenant).order_by("path")
        self.filters["role"].queryset = Role.objects.of(tenant).order_by("name")

    def matching(self, rows: QuerySet[Person], name: str, value: str) -> QuerySet[Person]:
        return rows.filter(named(value))

    def within_group(self, rows: QuerySet[Person], name: str, value: Group) -> QuerySet[Person]:
        return rows.filter(within(value.path, "memberships__group__")).distinct()


def named(value: str) -> Q:
    """Return the condition of every word standing in a person's names or e-mail."""
    condition = Q()
    for word in value.split():
        condition &= (
            Q(username__icontains=word)
            | Q(email__icontains=word)
            | Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
        )
    return condition


class EntitlementFilter(FilterSet):
    q = django_filters.CharFilter(method="matching", label="Filter grants")
    type = django_filters.ModelChoiceFilter(
        queryset=EntitlementType.objects.none(), field_name="resource__type", label="Type"
    )

    class Meta:
        model = Entitlement
        fields = ("q", "type")

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["type"].queryset = EntitlementType.objects.of(tenant).order_by("name")

    def matching(self, rows: QuerySet[Entitlement], name: str, value: str) -> QuerySet[Entitlement]:
        return rows.filter(
            Q(resource__name__icontains=value)
            | Q(resource__type__name__icontains=value)
            | Q(level__icontains=value)
            | Q(person__username__icontains=value)
            | Q(person__last_name__icontains=value)
            | Q(group__path__icontains=value)
            | Q(client__address__icontains=value)
            | Q(resource__names__name__icontains=value, resource__names__level=F("level"))
        ).distinct()
