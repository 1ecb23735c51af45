"""Entitlements, service accounts, what begins and ends, and sessions of one tenant."""

from django.urls import path

from access.views import accounts, entitlements, sessions, terms

urlpatterns = [
    path("entitlements/", entitlements.entitlement_list, name="entitlement-list"),
    path("entitlements/new/", entitlements.entitlement_create, name="entitlement-create"),
    path("entitlements/<int:pk>/edit/", entitlements.entitlement_edit, name="entitlement-edit"),
    path("entitlements/grant/", entitlements.entitlement_grant, name="entitlement-grant"),
    path("entitlements/revoke/", entitlements.entitlement_revoke, name="entitlement-revoke"),
    path("entitlements/types/new/", entitlements.entitlement_type_create, name="entitlement-type-create"),
    path("entitlements/resources/new/", entitlements.resource_create, name="resource-create"),
    path(
        "entitlements/types/<int:pk>/edit/", entitlements.entitlement_type_edit, name="entitlement-type-edit"
    ),
    path(
        "entitlements/types/<int:pk>/delete/",
        entitlements.entitlement_type_delete,
        name="entitlement-type-delete",
    ),
    path("entitlements/resources/<int:pk>/edit/", entitlements.resource_edit, name="resource-edit"),
    path("entitlements/resources/<int:pk>/delete/", entitlements.resource_delete, name="resource-delete"),
    path("entitlements/back/<str:text>/", entitlements.entitlement_back, name="entitlement-back"),
    path("service-accounts/", accounts.service_account_list, name="service-account-list"),
    path("service-accounts/<int:pk>/", accounts.service_account_detail, name="service-account-detail"),
    path("service-accounts/<int:pk>/give/", accounts.service_account_give, name="service-account-give"),
    path(
        "service-accounts/<int:pk>/take/<int:role>/",
        accounts.service_account_take,
        name="service-account-take",
    ),
    path("service-accounts/<int:pk>/join/", accounts.service_account_join, name="service-account-join"),
    path(
        "service-accounts/<int:pk>/leave/<int:group>/",
        accounts.service_account_leave,
        name="service-account-leave",
    ),
    path("service-accounts/<int:pk>/sessions/end/", sessions.service_account_end, name="service-account-end"),
    path("times/", terms.term_list, name="term-list"),
    path("times/renew/", terms.term_renew, name="term-renew"),
    path("people/<int:pk>/sessions/", sessions.session_list, name="session-list"),
    path("people/<int:pk>/sessions/end/", sessions.session_end, name="session-end"),
    path("plans/<uuid:pk>/sessions/end/", sessions.session_end_plan, name="session-end-plan"),
]
