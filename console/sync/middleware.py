"""A page answers, whatever Keycloak does."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from console.sync.times import TIMES
from console.transport import within


class AnswerInTime:
    """Gives each request a limit for all that it asks of Keycloak. After that it says so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with within(TIMES.web):
            return self.get_response(request)
