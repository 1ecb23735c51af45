"""Roles, groups, people and grants, to look at, each with the way to its page in the console."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from access import models
from console.web.admin import ReadOnlyAdmin
from tenants.models import Tenant


class SyncedAdmin(ReadOnlyAdmin):
    """Something with a page of its own in the console."""

    list_display = ("__str__", "realm", "created_by", "created_at", "in_console")
    list_select_related = ("realm__scope__server",)

    @admin.display(description="In the console")
    def in_console(self, row: Any) -> SafeString | str:
        tenant = Tenant.objects.filter(realm_id=row.realm_id).order_by("served_by", "pk").first()
        if tenant is None:
            return "no tenant"
        return format_html('<a href="{}">Open in {}</a>', row.url(tenant.slug), tenant.name)


@admin.register(models.Role)
class RoleAdmin(SyncedAdmin):
    search_fields = ("name",)


@admin.register(models.Group)
class GroupAdmin(SyncedAdmin):
    search_fields = ("path",)


@admin.register(models.Person)
class PersonAdmin(SyncedAdmin):
    search_fields = ("username", "email", "last_name")


@admin.register(models.EntitlementType, models.Resource)
class KindAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "realm", "created_by", "created_at")
    list_select_related = ("realm__scope__server",)


class LinkAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "realm", "created_by", "created_at", "reason")


def _links(model: Any, *ends: str) -> None:
    """Register a kind of link with what its words are made of, so that a list costs one query."""
    select = {"list_select_related": ("realm__scope__server", *ends)}
    admin.site.register(model, type(f"{model.__name__}Admin", (LinkAdmin,), select))


_links(models.Composite, "parent", "child")
_links(models.GroupRole, "group", "role")
_links(models.Membership, "person", "group")
_links(models.PersonRole, "person", "role")
_links(models.Entitlement, "resource__type", "person", "group")
