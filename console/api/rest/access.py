"""The matrix, the paths of one right, and plans over the REST API."""

from typing import Any
from uuid import UUID

from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from access.concern import concerns
from access.explain import Explanation, explain
from access.graphs import access_of
from access.matrix.asked import asked_of
from access.matrix.page import MatrixPage, matrix_of, matrix_page
from console.api.authzen.members import refused
from console.api.rest import bodies, shapes
from console.api.rest.auth import actor_in, require
from console.api.rest.changing import applied, once, told
from console.api.rest.documented import read, write
from console.api.rest.errors import Wrong
from console.api.rest.views import View, asked, tenant_in
from console.graph.edges import Node, NodeKind
from console.permissions.vocabulary import Permission as P
from console.sync.loaders import plan_for

SUBJECTS = (NodeKind.PERSON, NodeKind.GROUP, NodeKind.ROLE, NodeKind.SERVICE_ACCOUNT)
HIDDEN = "outside this tenant"


class Matrix(View):
    @read(
        shapes.Matrix,
        *("view", "show", "q", "standing", "group", "columns", "window", "page"),
        summary="A page of the access matrix, with the filters of its page in the console.",
    )
    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.MATRIX_VIEW)
        found = matrix_page(
            matrix_of(owner, asked_of(request.query_params)), number=request.query_params.get("page")
        )
        return Response(_matrix(found))


def _matrix(found: MatrixPage) -> dict[str, Any]:
    return {
        "columns": [
            {"key": column.key, "title": column.title, "group": group.label}
            for group in found.grid.column_groups
            for column in group.columns
        ],
        "rows": [
            {
                "key": row.key,
                "name": row.name,
                "cells": [
                    {"mark": cell.mark.word, "text": cell.text, "differs": cell.differs} for cell in row.cells
                ],
            }
            for row in found.grid.rows
        ],
        "count": found.rows.paginator.count,
        "page": found.rows.number,
        "pages": found.rows.paginator.num_pages,
        "window": found.window,
        "windows": found.window_count,
        "is_folded": found.is_folded,
        "read_at": found.read_at,
        "unread": found.unreadable,
    }


class Paths(View):
    @read(
        shapes.Paths,
        "subject",
        "right",
        summary="Why somebody has a right: `subject=person:ann`, `right=role:editor`.",
    )
    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.MATRIX_VIEW)
        subject, right = _node(request, "subject"), _node(request, "right")
        if subject.kind not in SUBJECTS or not right.is_right:
            raise Wrong("Ask for a person, group, role or service account, and for a right.")
        if not concerns(owner, right) or refused(owner, [subject]):
            raise Http404
        people = [subject.name] if subject.kind is NodeKind.PERSON else []
        return Response(_paths(explain(owner, access_of(owner.realm, people=people), subject, right)))


def _node(request: Request, name: str) -> Node:
    kind, _, text = request.query_params.get(name, "").partition(":")
    if kind not in set(NodeKind) or not text:
        kinds = ", ".join(NodeKind)
        raise Wrong(
            "Some fields are wrong.", fields={name: [f"Write kind:name, where kind is one of {kinds}."]}
        )
    return Node(NodeKind(kind), text)


def _paths(why: Explanation) -> dict[str, Any]:
    ways = [{"title": way.title, "steps": [_step(one) for one in way.steps]} for way in why.ways]
    links = why.cut.links
    return {
        "subject": f"{why.subject.kind}:{why.subject.name}",
        "right": f"{why.right.kind}:{why.right.name}",
        "holds": why.is_allowed,
        "is_declared": why.is_declared,
        "is_live": why.is_live,
        "count": why.count_in_words,
        "ways": ways,
        "hidden_steps": sum(one["is_hidden"] for way in ways for one in way["steps"]),  # type: ignore[index]
        "cut": None if links is None else [one.words for one in links],
        "read_at": why.access.read_at,
        "unread": why.access.unreadable,
    }


def _step(step: Any) -> dict[str, Any]:
    return {
        "words": step.verb,
        "target": step.target.words,
        "is_hidden": step.target.words.endswith(HIDDEN),
        "origin": step.origin,
        "since": step.since,
        "by": step.by,
        "reason": step.reason,
        "is_pending": step.is_pending,
    }


class PlanDetail(View):
    @read(shapes.Plan, summary="A plan, and how far Keycloak is with it.")
    def get(self, request: Request, pk: UUID) -> Response:
        actor = require(request, P.PLAN_VIEW)
        return Response(told(plan_for(actor, pk)))


class PlanApply(View):
    @write(bodies.Asked, is_preview=False, summary="Let an open plan stand, as it was shown.")
    def post(self, request: Request, pk: UUID) -> Response:
        plan = plan_for(actor_in(request), pk)
        require(request, P.PLAN_APPLY, plan.tenant)
        request.is_let_in = True  # type: ignore[attr-defined]
        asked(request, bodies.Asked)
        return once(request, lambda: applied(request, plan))
