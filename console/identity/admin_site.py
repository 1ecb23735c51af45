"""The Django admin behind the console's own doors: no sign-in page and no sign-out of its own."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from console.identity.actor import actor_of
from console.identity.entrance import sign_in_first


class ConsoleAdminSite(AdminSite):
    """For superusers of either kind whose session the guard let through."""

    site_header = "Gatehouse administration"
    site_title = "Gatehouse administration"
    index_title = "What the console keeps"

    def has_permission(self, request: HttpRequest) -> bool:
        actor = actor_of(request)
        return actor.is_signed_in and actor.is_superuser and bool(request.user.is_active)

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        return sign_in_first(request)

    def logout(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        from console.identity.oidc_views import sign_out  # views load after the registry of apps

        return sign_out(request)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("account_change_password"))


class ConsoleAdminConfig(AdminConfig):
    """Stands in INSTALLED_APPS in the place of `django.contrib.admin`."""

    default_site = "console.identity.admin_site.ConsoleAdminSite"
