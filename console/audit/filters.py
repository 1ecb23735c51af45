"""Which rows of the record are shown. The address says it, so it can be shared."""

import django_filters
from django.db.models import Q, QuerySet

from console.audit.models import AuditEvent, EventKind
from console.web.filters import FilterSet


class AuditFilter(FilterSet):
    """Free text over actor, subject and reason; kind, tenant, and one exact address."""

    q = django_filters.CharFilter(method="matching", label="Filter")
    kind = django_filters.ChoiceFilter(choices=EventKind.choices, label="Event")
    tenant = django_filters.CharFilter(label="Tenant")
    address = django_filters.CharFilter(label="Object")
    plan = django_filters.UUIDFilter(field_name="plan_id", label="Plan")

    class Meta:
        model = AuditEvent
        fields = ("q", "kind", "tenant", "address", "plan")

    def matching(self, rows: QuerySet[AuditEvent], name: str, value: str) -> QuerySet[AuditEvent]:
        found = Q(actor_name__icontains=value) | Q(subject__icontains=value) | Q(reason__icontains=value)
        return rows.filter(found)
