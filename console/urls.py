"""Every address of the console."""

from django.contrib import admin
from django.urls import include, path

from console import home

urlpatterns = [
    path("", home.overview, name="home"),
    path("search/", home.search, name="search"),
    path("", include("console.permissions.urls")),
    path("", include("console.sync.urls")),
    path("", include("console.audit.urls")),
    path("", include("console.api.urls")),
    path("", include("tenants.urls")),
    path("matrix/", include("access.across_urls")),
    path("t/<slug:tenant>/", include("access.urls")),
    path("admin/", admin.site.urls),
]

handler500 = "console.web.faults.failed"
