"""Tenants and realms, to look at: what syncs is changed in the console only."""

from django.contrib import admin

from console.web.admin import ReadOnlyAdmin
from tenants.models import Realm, Tenant


@admin.register(Tenant)
class TenantAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug", "served_by", "realm", "created_by", "created_at")
    list_select_related = ("realm__scope__server",)
    search_fields = ("name", "slug")


@admin.register(Realm)
class RealmAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "display_name", "enabled", "created_by", "created_at")
    list_select_related = ("scope__server",)
