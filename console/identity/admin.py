"""What superusers see of accounts and sign-ins. All they can do is close an account, or open it again."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest

from console.identity import events
from console.identity.actor import actor_of
from console.identity.models import OidcIdentity, SignIn, User
from console.identity.networks import address_of
from console.web.admin import ReadOnlyAdmin


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """Accounts can be closed here. Local ones are made by `manage.py breakglass_create`."""

    list_display = ("__str__", "kind", "email", "is_active", "is_superuser", "last_login")
    list_filter = ("kind", "is_active", "is_superuser")
    search_fields = ("username", "shown_name", "email")
    fields = (
        "shown_name",
        "username",
        "kind",
        "email",
        "first_name",
        "last_name",
        "is_active",
        "is_superuser",
        "last_login",
        "date_joined",
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return tuple(name for name in self.fields if name != "is_active")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Close or open an account, and record it in the same transaction."""
        name = "opened" if obj.is_active else "closed"
        with transaction.atomic():
            obj.save(update_fields=["is_active"])
            events.tell(
                events.Event(
                    name=name,
                    actor=actor_of(request),
                    address=address_of(request),
                    detail=f"{obj} ({obj.username})",
                )
            )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(OidcIdentity)
class OidcIdentityAdmin(ReadOnlyAdmin):
    list_display = ("user", "subject", "issuer")
    search_fields = ("subject", "user__shown_name")


@admin.register(SignIn)
class SignInAdmin(ReadOnlyAdmin):
    list_display = ("user", "signed_in_at", "seen_at", "ended_at", "ended_why", "address")
    list_filter = ("user__kind", "ended_at")
    exclude = ("sealed_refresh_token", "sealed_id_token")
