"""How each method stands in the OpenAPI document: its shapes, and the answers that all of them have."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
    inline_serializer,
)
from rest_framework import serializers

from console.api.rest import shapes

Method = TypeVar("Method", bound=Callable[..., Any])

_ERRORS = {
    400: "The request is malformed.",
    401: "No API token, or one that opens nothing.",
    403: "The token may not do this.",
    404: "There is nothing here, or the token may not know of it.",
    405: "This address has no such method.",
    406: "The answer is JSON only.",
    413: "The request is larger than 2.5 MB.",
    415: "Send JSON.",
    429: "Too many requests; see Retry-After.",
}
_OF_CHANGES = {
    409: "The plan waits for a person, or the Idempotency-Key was used otherwise.",
    412: "Somebody changed this since it was read.",
    422: "A service refuses this.",
    428: "Say on top of which revision this edit is.",
    503: "Keycloak could not be read, so nothing can be said about what would happen.",
}
_WITH_MORE = {409: shapes.Waiting, 412: shapes.Overtaken}
_PAGES = [
    OpenApiParameter("page", OpenApiTypes.INT, description="The number of the page."),
    OpenApiParameter("per_page", OpenApiTypes.INT, description="At most 200."),
]
_CHANGES = [
    OpenApiParameter("preview", OpenApiTypes.BOOL, description="Only show what would happen."),
    OpenApiParameter(
        "Idempotency-Key",
        OpenApiTypes.STR,
        location=OpenApiParameter.HEADER,
        description="A repeat with the same key gets the same answer, for a day.",
    ),
]
_EDITS = [
    OpenApiParameter("If-Match", OpenApiTypes.STR, location=OpenApiParameter.HEADER, description="The ETag.")
]


def read(shape: Any, *filters: str, pages: bool = False, summary: str) -> Callable[[Method], Method]:
    """Describe a method that reads. `filters` are those of the list page."""
    parameters = [OpenApiParameter(name, OpenApiTypes.STR) for name in filters]
    answer = paged(shape) if pages else shape
    return extend_schema(
        operation_id=_id_of(summary),
        summary=summary,
        parameters=[*parameters, *(_PAGES if pages else [])],
        responses={200: answer, **_errors(_ERRORS)},
    )


def write(
    shape: Any, *, summary: str, edits: bool = False, is_preview: bool = True, flags: Sequence[str] = ()
) -> Callable[[Method], Method]:
    """Describe a method that asks for a change; mostly it can be previewed. `flags` say more of it."""
    more = [OpenApiParameter(name, OpenApiTypes.BOOL) for name in flags]
    shown = {200: OpenApiResponse(shapes.Plan, description="What would happen; nothing was changed.")}
    return extend_schema(
        operation_id=_id_of(summary),
        summary=summary,
        request=shape,
        parameters=[*_CHANGES[0 if is_preview else 1 :], *more, *(_EDITS if edits else [])],
        responses={
            **(shown if is_preview else {}),
            202: OpenApiResponse(shapes.Plan, description="It stands; the sync of its realm is enqueued."),
            **_errors(_ERRORS | _OF_CHANGES),
        },
    )


def made(
    shape: Any, answer: Any, *, summary: str, status: int = 201, edits: bool = False
) -> Callable[[Method], Method]:
    """Describe a method that makes or changes something which stays in the console."""
    return extend_schema(
        operation_id=_id_of(summary),
        summary=summary,
        request=shape,
        parameters=[*_CHANGES[1:], *(_EDITS if edits else [])],
        responses={status: answer, **_errors(_ERRORS | _OF_CHANGES)},
    )


def described(**methods: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Describe the methods that a view has from its base: `get=read(…), delete=write(…)`."""
    return extend_schema_view(**methods)


def _id_of(summary: str) -> str:
    return re.sub(r"\W+", "_", summary.partition(";")[0].lower()).strip("_")


@cache
def paged(shape: Any) -> Any:
    """Return the shape of a page of a list."""
    return inline_serializer(
        name=f"{shape.__name__}List",
        fields={
            "count": serializers.IntegerField(),
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": shape(many=True),
        },
    )


def _errors(told: dict[int, str]) -> dict[int, OpenApiResponse]:
    return {
        status: OpenApiResponse(_WITH_MORE.get(status, shapes.Error), description=text)
        for status, text in told.items()
    }
