"""Servers, realms, plans and runs, to look at."""

from django.contrib import admin

from console.sync.models import KeycloakServer, LedgerEntry, Observed, Plan, Run, Scope, Step, Touched
from console.web.admin import ReadOnlyAdmin


@admin.register(KeycloakServer)
class KeycloakServerAdmin(ReadOnlyAdmin):
    list_display = ("name", "url", "client_id", "version", "is_reachable", "checked_at")
    exclude = ("sealed_secret",)


@admin.register(Scope)
class ScopeAdmin(ReadOnlyAdmin):
    list_display = ("realm", "server", "generation", "applied_generation", "read_at", "next_attempt_at")
    list_select_related = ("server",)
    search_fields = ("realm",)


@admin.register(Plan)
class PlanAdmin(ReadOnlyAdmin):
    list_display = ("title", "tenant", "state", "actor_name", "created_at", "applied_by", "applied_at")
    list_filter = ("state",)
    search_fields = ("title", "tenant", "actor_name")


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ("scope", "state", "started_at", "finished_at", "total", "sentence")
    list_filter = ("state",)
    list_select_related = ("scope__server",)


@admin.register(Step)
class StepAdmin(ReadOnlyAdmin):
    list_display = ("words", "state", "run", "started_at", "finished_at")
    list_filter = ("state", "action")
    list_select_related = ("run__scope__server",)
    search_fields = ("words", "address")


@admin.register(LedgerEntry, Touched, Observed)
class AddressAdmin(ReadOnlyAdmin):
    list_display = ("address", "scope")
    list_select_related = ("scope__server",)
    search_fields = ("address",)
