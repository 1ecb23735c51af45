"""The pages of one tenant. The tenant stands in the path: no page ever guesses it."""

from django.urls import path

from access.views import entitlements, groups, matrix, options, people, person, roles

app_name = "access"
urlpatterns = [
    path("matrix/", matrix.matrix, name="matrix"),
    path("options/<str:kind>/", options.options, name="options"),
    path("roles/", roles.role_list, name="role-list"),
    path("roles/new/", roles.role_create, name="role-create"),
    path("roles/<int:pk>/", roles.role_detail, name="role-detail"),
    path("roles/<int:pk>/edit/", roles.role_edit, name="role-edit"),
    path("roles/<int:pk>/delete/", roles.role_delete, name="role-delete"),
    path("roles/<int:pk>/give/", roles.role_give, name="role-give"),
    path("roles/<int:pk>/give-groups/", roles.role_give_groups, name="role-give-groups"),
    path("roles/<int:pk>/include/", roles.role_include, name="role-include"),
    path("roles/<int:pk>/exclude/<int:child>/", roles.role_exclude, name="role-exclude"),
    path("groups/", groups.group_list, name="group-list"),
    path("groups/new/", groups.group_create, name="group-create"),
    path("groups/<int:pk>/", groups.group_detail, name="group-detail"),
    path("groups/<int:pk>/edit/", groups.group_edit, name="group-edit"),
    path("groups/<int:pk>/delete/", groups.group_delete, name="group-delete"),
    path("groups/<int:pk>/give/", groups.group_give, name="group-give"),
    path("groups/<int:pk>/take/<int:role>/", groups.group_take, name="group-take"),
    path("groups/<int:pk>/add/", groups.group_add, name="group-add"),
    path("groups/<int:pk>/remove/<int:person>/", groups.group_remove, name="group-remove"),
    path("people/", people.person_list, name="person-list"),
    path("people/new/", people.person_create, name="person-create"),
    path("people/<int:pk>/", person.person_detail, name="person-detail"),
    path("people/<int:pk>/edit/", people.person_edit, name="person-edit"),
    path("people/<int:pk>/delete/", people.person_delete, name="person-delete"),
    path("people/<int:pk>/give/", people.person_give, name="person-give"),
    path("people/<int:pk>/take/<int:role>/", people.person_take, name="person-take"),
    path("people/<int:pk>/join/", people.person_join, name="person-join"),
    path("people/<int:pk>/leave/<int:group>/", people.person_leave, name="person-leave"),
    path("entitlements/", entitlements.entitlement_list, name="entitlement-list"),
    path("entitlements/grant/", entitlements.entitlement_grant, name="entitlement-grant"),
    path("entitlements/revoke/", entitlements.entitlement_revoke, name="entitlement-revoke"),
    path("entitlements/types/new/", entitlements.entitlement_type_create, name="entitlement-type-create"),
    path("entitlements/resources/new/", entitlements.resource_create, name="resource-create"),
]
