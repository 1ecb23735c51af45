"""What superusers do with API tokens in the Django admin: the same services as the console's page."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from console.api.services import tokens
from console.identity.actor import actor_of
from console.identity.models import ApiToken
from console.sync.cause import Forbidden
from console.sync.commands import Refused
from console.web.admin import ReadOnlyAdmin


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Tokens are looked at and revoked here; a new one is made on the page that shows its secret once."""

    list_display = ("name", "prefix", "tenant", "maker", "last_used_at", "expires_at", "revoked_at")
    list_filter = ("revoked_at", "tenant")
    search_fields = ("name", "prefix")
    exclude = ("digest",)
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return True

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        return redirect("api:token-create")

    @admin.action(description="Revoke the chosen tokens")
    def revoke(self, request: HttpRequest, queryset: "QuerySet[ApiToken]") -> None:
        """Revoke each through the door; what was over already stays so."""
        now = timezone.now()
        for pk in queryset.values_list("pk", flat=True):
            try:
                row = tokens.revoke(actor=actor_of(request), token=pk, now=now)
            except (Refused, Forbidden) as error:
                messages.error(request, str(error))
            else:
                messages.info(request, f"{row} opens nothing any more.")
