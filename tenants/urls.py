"""Servers and tenants."""

from django.urls import path

from tenants.views import blueprints, configuration, declaring, following, moving, observing, servers, tenants

app_name = "tenants"
urlpatterns = [
    path("blueprints/", blueprints.blueprint_list, name="blueprint-list"),
    path("blueprints/compare/", blueprints.blueprint_compare, name="blueprint-compare"),
    path("blueprints/new/", blueprints.blueprint_upload, name="blueprint-upload"),
    path("blueprints/schema.json", blueprints.blueprint_schema, name="blueprint-schema"),
    path("blueprints/<slug:key>/<str:version>/", blueprints.blueprint_detail, name="blueprint-detail"),
    path("blueprints/<slug:key>/<str:version>/move/", moving.blueprint_move, name="blueprint-move"),
    path("blueprints/<slug:key>/<str:version>/text/", blueprints.blueprint_text, name="blueprint-text"),
    path("servers/", servers.server_list, name="server-list"),
    path("servers/new/", servers.server_create, name="server-create"),
    path("servers/<int:pk>/", servers.server_detail, name="server-detail"),
    path("servers/<int:pk>/edit/", servers.server_edit, name="server-edit"),
    path("servers/<int:pk>/test/", servers.server_test, name="server-test"),
    path("servers/<int:pk>/realms/", observing.realm_list, name="realm-list"),
    path("servers/<int:pk>/realms/observe/", observing.realm_observe, name="realm-observe"),
    path("tenants/", tenants.tenant_list, name="tenant-list"),
    path("tenants/new/", tenants.tenant_create, name="tenant-create"),
    path("t/<slug:tenant>/adopt/", observing.adopt, name="adopt"),
    path("t/<slug:tenant>/blueprint/", following.blueprint_of_tenant, name="blueprint-of-tenant"),
    path("t/<slug:tenant>/blueprint/edit/", following.blueprint_follow, name="blueprint-follow"),
    path("t/<slug:tenant>/config/", configuration.configuration, name="configuration"),
    path("t/<slug:tenant>/config/thing/", configuration.declaration_detail, name="declaration-detail"),
    path("t/<slug:tenant>/config/thing/delete/", declaring.declaration_drop, name="declaration-drop"),
    path("t/<slug:tenant>/config/thing/edit/", declaring.declaration_edit, name="declaration-edit"),
    path("t/<slug:tenant>/config/thing/release/", declaring.declaration_release, name="declaration-release"),
    path("t/<slug:tenant>/config/thing/rename/", declaring.declaration_rename, name="declaration-rename"),
    path("t/<slug:tenant>/config/<slug:kind>/", configuration.declaration_list, name="declaration-list"),
    path("t/<slug:tenant>/config/<slug:kind>/new/", declaring.declaration_create, name="declaration-create"),
    path("t/<slug:tenant>/realm/", tenants.realm_edit, name="realm-edit"),
]
