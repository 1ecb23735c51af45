"""How a view gets a token."""

from django.http import Http404

from console.identity.models import ApiToken


def token_of(pk: int) -> ApiToken:
    """Return one token with its maker. Raises Http404."""
    row = ApiToken.objects.select_related("maker").filter(pk=pk).first()
    if row is None:
        raise Http404("There is no such API token.")
    return row
