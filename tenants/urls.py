"""Servers and tenants."""

from django.urls import path

from tenants.views import servers, tenants

app_name = "tenants"
urlpatterns = [
    path("servers/", servers.server_list, name="server-list"),
    path("servers/new/", servers.server_create, name="server-create"),
    path("servers/<int:pk>/", servers.server_detail, name="server-detail"),
    path("servers/<int:pk>/edit/", servers.server_edit, name="server-edit"),
    path("servers/<int:pk>/test/", servers.server_test, name="server-test"),
    path("tenants/", tenants.tenant_list, name="tenant-list"),
    path("tenants/new/", tenants.tenant_create, name="tenant-create"),
    path("t/<slug:tenant>/realm/", tenants.realm_edit, name="realm-edit"),
]
