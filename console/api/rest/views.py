"""The manners of all addresses of the REST API: who calls, which tenant, pages, one error shape."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db.models import QuerySet
from django.forms import BaseForm
from django_filters import FilterSet
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from console.api.rest.auth import ByToken, Reads, Writes, actor_in, require
from console.api.rest.changing import changed, once, repeated
from console.api.rest.errors import Wrong, handled
from console.api.rest.parsing import Json
from console.permissions.vocabulary import Permission
from console.sync.commands import Conflict
from tenants.loaders import tenant_for
from tenants.models import Tenant

MOST_A_PAGE = 200


class Pages(PageNumberPagination):
    """`page` and `per_page`, at most 200 a page."""

    page_size = 50
    page_size_query_param = "per_page"
    max_page_size = MOST_A_PAGE


class View(APIView):
    """The base of every address. Each method asks for its right first."""

    authentication_classes = (ByToken,)
    parser_classes = (Json,)
    permission_classes = ()
    throttle_classes = (Reads, Writes)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Let no cache keep an answer: it is for one token, and of this moment."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def handle_exception(self, exc: Exception) -> Response:
        """Return the answer to what a method raised; to a repeat the one that its first request got.

        What a change was of may be gone by that change: so it is looked up also where nothing is found.
        """
        was_read = getattr(self.request, "is_let_in", False) and not isinstance(exc, RequestDataTooBig)
        kept_answer = repeated(self.request) if was_read else None
        return kept_answer or super().handle_exception(exc)

    def get_exception_handler(self) -> Callable[..., Response | None]:
        return handled

    def listed(
        self,
        request: Request,
        rows: "QuerySet[Any] | Sequence[Any]",
        shape: type[Serializer[Any]],
        *,
        of: FilterSet | None = None,
        read: Callable[[Any], Any] = list,
    ) -> Response:
        """Return a page of rows, filtered as the list pages filter them. `read` looks up more of a page."""
        if of is not None and not of.is_valid():
            raise Wrong("Some filters are wrong.", fields=_sentences(of.errors))
        pages = Pages()
        wanted: Any = of.qs if of is not None else rows
        found: Any = pages.paginate_queryset(wanted, request, view=self)
        return pages.get_paginated_response(shape(read(found), many=True).data)


def tenant_in(request: Request, slug: str, permission: Permission) -> Tenant:
    """Return a tenant that the token may know of, if that may be done there. Raises Http404, Forbidden."""
    owner = tenant_for(actor_in(request), slug)
    require(request, permission, owner.slug)
    request.is_let_in = True  # type: ignore[attr-defined]
    return owner


def asked(request: Request, shape: type[Serializer[Any]]) -> dict[str, Any]:
    """Return what the body asks for, checked. Raises ValidationError."""
    read = shape(data=request.data)
    read.is_valid(raise_exception=True)
    values: dict[str, Any] = dict(read.validated_data)
    return values


def formed(form: BaseForm) -> dict[str, Any]:
    """Return the values of a form: the same rules as on its page. Raises Wrong."""
    if not form.is_valid():
        fields = _sentences(form.errors)
        common = fields.pop("__all__", [])
        raise Wrong(common[0] if common else "Some fields are wrong.", status=422, fields=fields)
    return dict(form.cleaned_data)


def _sentences(errors: Mapping[str, Iterable[Any]]) -> dict[str, list[str]]:
    return {name: [str(one) for one in found] for name, found in errors.items()}


def without_reasons(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the service takes: reason and ticket go along with the plan."""
    return {key: value for key, value in values.items() if key not in ("reason", "ticket")}


def revision_in(request: Request, values: Mapping[str, Any], row: Any) -> int:
    """Return the revision that an edit is on top of, by If-Match or the body. Raises Wrong, Conflict."""
    header = request.headers.get("If-Match", "")
    text = header.strip().removeprefix("W/").strip('"') if header else ""
    given = int(text) if text.isdecimal() and len(text) < 10 else values.get("revision")
    if given is None:
        raise Wrong("Say on top of which revision this edit is: If-Match, or the field revision.", status=428)
    if given != row.revision:
        raise Conflict("Somebody changed this since you read it.", theirs={}, revision=row.revision)
    return int(given)


def with_revision(response: Response, row: Any) -> Response:
    response["ETag"] = f'"{row.revision}"'
    return response


def change(
    request: Request, tenant: Tenant, *, command: str, values: Mapping[str, Any], title: str
) -> Response:
    """Return the answer to a change, the same one for a repeat with the same Idempotency-Key."""
    whole = {"tenant": tenant.slug, **values}
    return once(
        request, lambda: changed(request, command=command, values=whole, title=title, tenant=tenant.slug)
    )


def kept_here(
    request: Request, answer: Callable[[], Any], shape: type[Serializer[Any]], status: int
) -> Response:
    """Return the answer to what stays in the console: no plan, and nothing for Keycloak. Once a key."""
    return once(request, lambda: Response(shape(answer()).data, status=status))
