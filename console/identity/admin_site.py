"""The Django admin behind the console's own doors: no sign-in page and no sign-out of its own."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from console.identity.actor import actor_of
from console.identity.entrance import sign_in_first
from console.identity.oidc_views import sign_out

HIDDEN = frozenset({"account", "auth", "mfa"})
"""Django's groups give no right here, and second factors are changed by their owners only."""


class ConsoleAdminSite(AdminSite):
    """For superusers of either kind whose session the guard let through."""

    site_header = "Gatehouse administration"
    site_title = "Gatehouse administration"
    index_title = "What the console keeps"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register models, but none of the packages whose rows nobody edits by hand."""
        models = model_or_iterable if isinstance(model_or_iterable, Iterable) else [model_or_iterable]
        shown = [model for model in models if model._meta.app_label not in HIDDEN]
        super().register(shown, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        actor = actor_of(request)
        return actor.is_signed_in and actor.is_superuser and bool(request.user.is_active)

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        return sign_in_first(request)

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        return sign_out(request)

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("account_change_password"))
