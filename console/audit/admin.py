"""The record, to look at. The database refuses changes, too."""

from django.contrib import admin

from console.audit.models import AuditEvent
from console.web.admin import ReadOnlyAdmin


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "kind", "actor_name", "tenant", "subject", "reason")
    list_filter = ("kind",)
    search_fields = ("subject", "actor_name", "reason", "address")
