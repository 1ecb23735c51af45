"""Every address for programs, and the pages about them."""

from django.urls import path

from console.api.views import tokens

app_name = "api"
urlpatterns = [
    path("tokens/", tokens.token_list, name="token-list"),
    path("tokens/new/", tokens.token_create, name="token-create"),
    path("tokens/<int:pk>/revoke/", tokens.token_revoke, name="token-revoke"),
]
