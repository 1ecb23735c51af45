"""Every address for programs, and the pages about them."""

from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from console.api.authzen import serving
from console.api.views import tokens
from console.permissions.decorators import public

app_name = "api"
_by_token = public("An API token is the proof, and it is looked at before anything is read.")
_for_all = public("Where the decision point is says nothing about anybody.")

urlpatterns = [
    path(serving.WELL_KNOWN[1:], csrf_exempt(_for_all(serving.view)), name="authzen-configuration"),
    path(f"{serving.BASE[1:]}<path:what>", csrf_exempt(_by_token(serving.view)), name="authzen"),

    path("tokens/", tokens.token_list, name="token-list"),
    path("tokens/new/", tokens.token_create, name="token-create"),
    path("tokens/<int:pk>/revoke/", tokens.token_revoke, name="token-revoke"),
]
