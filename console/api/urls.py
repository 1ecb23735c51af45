"""Every address for programs, and the pages about them."""

from typing import Any

from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.views import SpectacularAPIView

from console.api.authzen import serving
from console.api.rest import access, accounts, bulk, entitlements, families, links, tenants, things
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
    _rest("tenants/", tenants.Tenants, "tenants"),
    _rest("blueprints/", tenants.Blueprints, "blueprints"),
    _rest(OF_TENANT, tenants.TenantDetail, "tenant"),
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
    _rest(f"{OF_TENANT}service-accounts/", accounts.ServiceAccounts, "service-accounts"),
    _rest(f"{OF_TENANT}service-roles/", links.ServiceRoles, "service-roles"),
    _rest(f"{OF_TENANT}service-roles/<int:pk>/", links.ServiceRoleDetail, "service-role"),
    _rest(f"{OF_TENANT}service-memberships/", links.ServiceMemberships, "service-memberships"),
    _rest(f"{OF_TENANT}service-memberships/<int:pk>/", links.ServiceMembershipDetail, "service-membership"),
    _rest(f"{OF_TENANT}families/", families.Families, "families"),
    _rest(f"{OF_TENANT}families/<str:family>/members/", families.FamilyMembers, "family-members"),
    _rest(f"{OF_TENANT}families/<str:family>/members/<str:value>/", families.FamilyMember, "family-member"),
    _rest(f"{OF_TENANT}families/<str:family>/people/", families.FamilyPeople, "family-people"),
    _rest(f"{OF_TENANT}entitlements/", entitlements.Grants, "entitlements"),
    _rest(f"{OF_TENANT}entitlements/<int:pk>/", entitlements.GrantDetail, "entitlement"),
    _rest(f"{OF_TENANT}entitlement-types/", entitlements.Types, "entitlement-types"),
    _rest(f"{OF_TENANT}entitlement-types/<int:pk>/", entitlements.TypeDetail, "entitlement-type"),
    _rest(f"{OF_TENANT}resources/", entitlements.Resources, "resources"),
    _rest(f"{OF_TENANT}resources/<int:pk>/", entitlements.ResourceDetail, "resource"),
    _rest(f"{OF_TENANT}resources/<int:pk>/owners/", entitlements.ResourceOwners, "resource-owners"),
    _rest(f"{OF_TENANT}named-entitlements/", entitlements.Names, "named-entitlements"),
    _rest(f"{OF_TENANT}named-entitlements/<int:pk>/", entitlements.NameDetail, "named-entitlement"),
    _rest(f"{OF_TENANT}bulk/", bulk.Bulks, "bulk"),
    _rest(f"{OF_TENANT}bulk/<uuid:pk>/", bulk.BulkOne, "bulk-one"),
    _rest(f"{OF_TENANT}bulk/<uuid:pk>/rows/", bulk.BulkRows, "bulk-rows"),
    _rest(f"{OF_TENANT}matrix/", access.Matrix, "matrix"),
    _rest(f"{OF_TENANT}paths/", access.Paths, "paths"),
    _rest("plans/<uuid:pk>/", access.PlanDetail, "plan"),
    _rest("plans/<uuid:pk>/apply/", access.PlanApply, "plan-apply"),
]
