"""The base of all lists: columns and order, no query."""

from typing import Any, ClassVar

import django_tables2
from django.http import HttpRequest
from django_tables2 import RequestConfig

from console.web.paging import PER_PAGE


class Table(django_tables2.Table):
    """A list with sticky head, 32 px rows and the order in the URL."""

    class Meta:
        template_name = "components/table.html"
        attrs: ClassVar[dict[str, str]] = {"class": "list"}

    def in_request(self, request: HttpRequest, *, per_page: int = PER_PAGE) -> "Table":
        """Return this table ordered and paged as the URL says."""
        RequestConfig(request, paginate={"per_page": per_page, "silent": True}).configure(self)
        return self


def order_of(column: Any) -> str:
    """Return what `aria-sort` says for a column of a table."""
    if not column.is_ordered:
        return "none"
    return "descending" if column.order_by_alias.is_descending else "ascending"
