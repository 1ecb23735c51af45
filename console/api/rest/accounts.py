"""Service accounts over the REST API: clients that take roles and entitlements as people do."""

from rest_framework.request import Request
from rest_framework.response import Response

from access.account_page import accounts_with_counts
from console.api.rest import shapes
from console.api.rest.documented import read
from console.api.rest.said import words_in
from console.api.rest.views import View, tenant_in
from console.permissions.vocabulary import Permission as P


class ServiceAccounts(View):
    @read(shapes.ServiceAccount, "q", pages=True, summary="The service accounts, with what each is given.")
    def get(self, request: Request, tenant: str) -> Response:
        owner = tenant_in(request, tenant, P.ASSIGNMENT_VIEW)
        text = words_in(request, "q").lower()
        rows = [one for one in accounts_with_counts(owner) if text in one["name"].lower()]
        return self.listed(request, rows, shapes.ServiceAccount)
