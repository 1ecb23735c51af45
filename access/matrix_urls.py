"""The matrix of one tenant, and what is done with it."""

from django.urls import path

from access.views import compare, matrix, matrix_export, matrix_views, what_if

urlpatterns = [
    path("", matrix.matrix, name="matrix"),
    path("compare/", compare.matrix_compare, name="matrix-compare"),
    path("compare/export/<str:form>/", compare.matrix_compare_export, name="matrix-compare-export"),
    path("what-if/", what_if.matrix_what_if, name="matrix-what-if"),
    path("export/<str:form>/", matrix_export.matrix_export, name="matrix-export"),
    path("views/new/", matrix_views.matrix_view_create, name="matrix-view-create"),
    path("views/<int:pk>/edit/", matrix_views.matrix_view_edit, name="matrix-view-edit"),
    path("views/<int:pk>/drop/", matrix_views.matrix_view_drop, name="matrix-view-drop"),
    path("views/<int:pk>/restore/", matrix_views.matrix_view_restore, name="matrix-view-restore"),
]
