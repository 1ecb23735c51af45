"""Every address for programs, and the pages about them."""

from typing import Any

from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularAPIView

from console.api.authzen import serving
from console.api.rest import access, links, things
from console.api.views import docs, tokens
from console.permissions.decorators import by_token, public

app_name = "api"
_authzen = by_token("A token is looked at before anything is read.")
_for_all = public("It describes addresses and says nothing about anybody.")
OF_TENANT = "tenants/<slug:tenant>/"


def _rest(route: str, view: Any, name: str) -> URLPattern:
    """Return an address of the REST API. Each method asks for its own right."""
    guarded = by_token("Each method asks for its right.")(view.as_view())
    return path(f"api/v1/{route}", csrf_exempt(guarded), name=f"v1-{name}")


urlpatterns = [
    path(serving.WELL_KNOWN[1:], csrf_exempt(_for_all(serving.view)), name="authzen-configuration"),
    path(f"{serving.BASE[1:]}<path:what>", csrf_exempt(_authzen(serving.view)), name="authzen"),
    path("api/v1/schema/", _for_all(SpectacularAPIView.as_view()), name="schema"),
    path("api/v1/docs/", docs.api_docs, name="docs"),
    path("tokens/", tokens.token_list, name="token-list"),
    path("tokens/new/", tokens.token_create, name="token-create"),
    path("tokens/<int:pk>/revoke/", tokens.token_revoke, name="token-revoke"),
    _rest("tenants/", things.Tenants, "tenants"),
    _rest(OF_TENANT, things.TenantDetail, "tenant"),
    _rest(f"{OF_TENANT}roles/", things.Roles, "roles"),
    _rest(f"{OF_TENANT}roles/<int:pk>/", things.RoleDetail, "role"),
    _rest(f"{OF_TENANT}roles/<int:pk>/includes/", things.RoleIncludes, "role-includes"),
    _rest(f"{OF_TENANT}roles/<int:pk>/includes/<int:child>/", things.RoleIncluded, "role-included"),
    _rest(f"{OF_TENANT}groups/", things.Groups, "groups"),
    _rest(f"{OF_TENANT}groups/<int:pk>/", things.GroupDetail, "group"),
    _rest(f"{OF_TENANT}people/", things.People, "people"),
    _rest(f"{OF_TENANT}people/<int:pk>/", things.PersonDetail, "person"),
    _rest(f"{OF_TENANT}memberships/", links.Memberships, "memberships"),
    _rest(f"{OF_TENANT}memberships/<int:pk>/", links.MembershipDetail, "membership"),
    _rest(f"{OF_TENANT}person-roles/", links.PersonRoles, "person-roles"),
    _rest(f"{OF_TENANT}person-roles/<int:pk>/", links.PersonRoleDetail, "person-role"),
    _rest(f"{OF_TENANT}group-roles/", links.GroupRoles, "group-roles"),
    _rest(f"{OF_TENANT}group-roles/<int:pk>/", links.GroupRoleDetail, "group-role"),
    _rest(f"{OF_TENANT}entitlements/", links.Grants, "entitlements"),
    _rest(f"{OF_TENANT}entitlements/<int:pk>/", links.GrantDetail, "entitlement"),
    _rest(f"{OF_TENANT}entitlement-types/", links.Types, "entitlement-types"),
    _rest(f"{OF_TENANT}resources/", links.Resources, "resources"),
    _rest(f"{OF_TENANT}matrix/", access.Matrix, "matrix"),
    _rest(f"{OF_TENANT}paths/", access.Paths, "paths"),
    _rest("plans/<uuid:pk>/", access.PlanDetail, "plan"),
]
