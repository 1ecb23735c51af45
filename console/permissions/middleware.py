"""Default-deny: a view that declares neither a right nor why it is public does not run."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from console.identity.actor import actor_of
from console.identity.entrance import sign_in_first
from console.permissions.decorators import Access
from console.permissions.foreign import foreign_access
from console.permissions.policy import Decision
from console.permissions.refusal import forbidden


class DefaultDeny:
    """Stands last in the list of middleware, so that it sees the view that would run."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if isinstance(getattr(view, "access", None), Access):
            return None
        rule = foreign_access(request.resolver_match) if request.resolver_match else None
        if rule is not None and rule.allows(request):
            return None
        if not actor_of(request).is_signed_in:
            return sign_in_first(request)
        return forbidden(request, decision=_REFUSED if rule is None else rule.refusal)


_REFUSED = Decision(
    allowed=False,
    reason="This address declares no right that opens it, so it stays closed.",
    who="Nobody can grant it; please report the address.",
)
