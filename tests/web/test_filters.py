"""Filters narrow the list they are given, by what the URL says."""

import django_filters
import pytest
from django.http import QueryDict

from access.models import Role
from console.web.filters import FilterSet
from tests.access.declared import DeclaredTenant

pytestmark = pytest.mark.django_db


class RoleNames(FilterSet):
    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains")
    revision = django_filters.NumberFilter()

    class Meta:
        model = Role
        fields = ()


def names(query: str) -> list[str]:
    acme = DeclaredTenant()
    acme.role("viewer")
    acme.role("operator")
    return sorted(row.name for row in RoleNames(QueryDict(query)).narrow(Role.objects.all()))


def test_without_a_query_everything_stays() -> None:
    assert names("") == ["operator", "viewer"]


def test_a_query_narrows() -> None:
    assert names("q=VIEW") == ["viewer"]


def test_a_value_that_means_nothing_narrows_to_nothing() -> None:
    assert names("revision=many") == []


def test_it_knows_whether_it_asks_for_less_than_everything() -> None:
    assert RoleNames(QueryDict("q=x")).is_narrowed
    assert not RoleNames(QueryDict("q=&other=x")).is_narrowed
