"""The matrix across tenants, realms and servers: of those that the operator may know."""

from django.urls import path

from access.views import across

app_name = "across"
urlpatterns = [
    path("tenants/", across.matrix_tenants, name="tenants"),
    path("tenants/export/<str:form>/", across.matrix_tenants_export, name="tenants-export"),
    path("person/", across.matrix_person, name="person"),
    path("person/export/<str:form>/", across.matrix_person_export, name="person-export"),
]
