"""The decision point of the certification scenario, reached in both ways."""

import pytest

from tests.access.declared import DeclaredTenant
from tests.api.authzen.fixture import ByDjango, ByWsgi, DecisionPoint, certified, token_for


@pytest.fixture
def records(db: None) -> DeclaredTenant:
    return certified()


@pytest.fixture(params=[ByDjango, ByWsgi], ids=["django", "wsgi"])
def point(request: pytest.FixtureRequest, records: DeclaredTenant) -> DecisionPoint:
    return DecisionPoint(way=request.param(), token=token_for(records.tenant.slug))
