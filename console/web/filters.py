"""The base of all filters: GET forms whose state is the URL."""

from typing import Any

import django_filters
from django.db.models import QuerySet


class FilterSet(django_filters.FilterSet):
    """A filter set that narrows the list it is given. The view keeps the query, the URL the state."""

    def narrow(self, queryset: "QuerySet[Any, Any]") -> "QuerySet[Any, Any]":
        """Return the list narrowed to what the URL asks; values that mean nothing narrow to nothing."""
        if not self.is_bound:
            return queryset
        if not self.form.is_valid():
            return queryset.none()
        return self.filter_queryset(queryset)

    @property
    def is_narrowed(self) -> bool:
        """Whether the URL asks for less than everything, so an empty list means "no match"."""
        return self.is_bound and any(self.data.get(name) for name in self.filters)
