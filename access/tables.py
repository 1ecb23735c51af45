"""Columns of the lists. No queries here."""

from collections.abc import Mapping
from typing import Any

import django_tables2
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from console.web.tables import Table
from console.web.templatetags.ui import ago, icon, status, until


class TenantTable(Table):
    """A list of one tenant's things: names link to their pages, the status is a chip with its sentence."""

    def __init__(self, *args: Any, tenant: str, **kwargs: Any) -> None:
        self.tenant = tenant
        super().__init__(*args, **kwargs)

    @property
    def shown(self) -> list[Any]:
        """The rows of this page, once it is chosen."""
        return [row.record for row in self.paginated_rows]

    def link(self, record: Any, text: str) -> SafeString:
        return format_html('<a href="{}">{}</a>', record.url(self.tenant), text)

    def render_status(self, value: Any) -> SafeString:
        return format_html('<span title="{}">{}</span>', value.sentence, status(value.word, value.sentence))

    def render_created_at(self, value: Any) -> SafeString:
        return ago(value)


PICK = {"th": {"class": "pick"}, "td": {"class": "pick"}}


class PickTable(TenantTable):
    """A list of which several rows can be chosen, where something can be done with them."""

    pick = django_tables2.Column(
        verbose_name=format_html(
            '<input class="form-check-input pick-page" type="checkbox" aria-label="{}">',
            "Choose all on this page",
        ),
        empty_values=(),
        orderable=False,
        attrs=PICK,
    )

    def __init__(self, *args: Any, can_pick: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, exclude=() if can_pick else ("pick",), **kwargs)

    def render_pick(self, record: Any) -> SafeString:
        return format_html(
            '<input class="form-check-input pick-row" type="checkbox" name="pk" value="{}" form="several"'
            ' aria-label="Choose {}">',
            record.pk,
            record,
        )


NUMBER = {"th": {"class": "num"}, "td": {"class": "num"}}
STATUS = {"td": {"class": "status-cell"}}


class RoleTable(PickTable):
    name = django_tables2.Column(verbose_name="Role")
    description = django_tables2.Column()
    people_count = django_tables2.Column(verbose_name="People, directly", attrs=NUMBER)
    group_count = django_tables2.Column(verbose_name="Groups", attrs=NUMBER)
    includes_count = django_tables2.Column(verbose_name="Includes", attrs=NUMBER)
    status = django_tables2.Column(orderable=False, attrs=STATUS)

    def render_name(self, record: Any, value: str) -> SafeString:
        return self.link(record, value)


class PersonTable(PickTable):
    username = django_tables2.Column(verbose_name="User name")
    full_name = django_tables2.Column(verbose_name="Name", order_by=("last_name", "first_name"))
    email = django_tables2.Column(verbose_name="E-mail")
    enabled = django_tables2.Column(verbose_name="Account")
    group_count = django_tables2.Column(verbose_name="Groups", attrs=NUMBER)
    role_count = django_tables2.Column(verbose_name="Direct roles", attrs=NUMBER)
    entitlement_count = django_tables2.Column(verbose_name="Direct entitlements", attrs=NUMBER)
    status = django_tables2.Column(orderable=False, attrs=STATUS)

    def render_username(self, record: Any, value: str) -> SafeString:
        return self.link(record, value)

    def render_enabled(self, value: bool) -> SafeString:
        return status("active" if value else "disabled")


class EntitlementTable(TenantTable):
    """Grants by the names of their entitlements."""

    name = django_tables2.Column(verbose_name="Entitlement", empty_values=(), orderable=False)
    resource = django_tables2.Column(order_by=("resource__type__name", "resource__name"))
    level = django_tables2.Column()
    holder = django_tables2.Column(verbose_name="Granted to", orderable=False)
    created_at = django_tables2.Column(verbose_name="Since")
    ends_at = django_tables2.Column(verbose_name="Until", empty_values=())
    status = django_tables2.Column(orderable=False, attrs=STATUS)
    actions = django_tables2.Column(empty_values=(), orderable=False, verbose_name="")

    def __init__(self, *args: Any, names: Mapping[str, str], **kwargs: Any) -> None:
        self.names = names
        super().__init__(*args, **kwargs)

    def render_name(self, record: Any) -> SafeString:
        called = self.names.get(record.value, record.value)
        return format_html('<span title="{}">{}</span>', record.value, called)

    def render_holder(self, record: Any) -> SafeString:
        url, mark = self._holder(record)
        return format_html('<a href="{}">{}{}</a>', url, icon(mark), record.holder)

    def _holder(self, record: Any) -> tuple[str, str]:
        if record.client_id is not None:
            ends = {"tenant": self.tenant, "pk": record.client_id}
            return reverse("access:service-account-detail", kwargs=ends), "robot"
        if record.person_id is not None:
            return record.person.url(self.tenant), "user"
        return record.group.url(self.tenant), "users-group"

    def render_created_at(self, record: Any) -> SafeString:
        return format_html('<span title="by {}">{}</span>', record.created_by, ago(record.created_at))

    def render_ends_at(self, record: Any) -> SafeString:
        return until(record.ends_at, record.starts_at if record.is_planned else None)

    def render_status(self, value: Any, record: Any = None) -> SafeString:
        if record is not None and record.is_planned:
            return status("planned")
        return super().render_status(value)

    def render_actions(self, record: Any) -> SafeString:
        url = reverse("access:entitlement-revoke", kwargs={"tenant": self.tenant})
        revoke = format_html('<a class="row-action" href="{}?grant={}">Revoke…</a>', url, record.pk)
        if record.ends_at is None:
            return revoke
        renew = reverse("access:term-renew", kwargs={"tenant": self.tenant})
        again = f"{renew}?grant=entitlement:{record.pk}"
        return format_html('<a class="row-action" href="{}">Renew…</a> {}', again, revoke)
