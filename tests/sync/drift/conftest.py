"""A platform that was checked once, changed beside the console, and checked again."""

from collections.abc import Callable
from typing import Any

import pytest

from console.sync.drift.check import check
from console.sync.drift.models import DriftItem
from tests.factories import Platform, database, new_platform, platform

__all__ = ["database", "new_platform", "platform"]


@pytest.fixture(scope="module")
def company(new_platform: Callable[..., Platform]) -> Platform:
    """Roles in roles, groups in groups, people with roles, memberships and entitlements; checked once."""
    made = new_platform("company")
    demo = made.resource("package", "demo")
    made.build(
        *(("access:role:create", {"name": name}) for name in ("developer", "viewer", "admin")),
        ("access:composite:add", {"role": "developer", "children": ["viewer"]}),
        ("access:group:create", {"name": "data"}),
        ("access:group:create", {"name": "eng", "parent": "data"}),
        ("access:group:create", {"name": "ops"}),
        ("access:group-role:give", {"groups": ["data"], "roles": ["developer"]}),
        *(
            ("access:person:create", {"username": name, "email": f"{name}@example.org", "first_name": name})
            for name in ("ann", "ben", "cleo")
        ),
        ("access:membership:add", {"people": ["ann", "ben"], "groups": ["data/eng"]}),
        ("access:person-role:give", {"people": ["ann", "ben"], "roles": ["viewer"]}),
        ("access:entitlement:grant", {"resource": demo.pk, "level": "READ", "people": ["ann"], "groups": []}),
    )
    check(made.scope.pk)
    return made


def open_items(platform: Platform, **wanted: Any) -> list[DriftItem]:
    """Return the open items of the realm after a check, by address."""
    assert check(platform.scope.pk) is not None
    rows = DriftItem.objects.filter(scope=platform.scope, closed_at__isnull=True, **wanted)
    return list(rows.order_by("address"))
