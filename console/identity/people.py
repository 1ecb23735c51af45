"""Which operators the console has met, for pages that name whom to ask."""

from collections.abc import Iterable

from console.identity.models import SignIn

LOOKED_AT = 200


def administrators_seen(*, role: str, limit: int = 5) -> tuple[str, ...]:
    """Return the names of operators whose newest sign-in had the role, the latest seen first."""
    return holders_seen(roles=(role,), limit=limit)[role]


def holders_seen(
    *, roles: Iterable[str], groups: Iterable[str] = (), limit: int = 5
) -> dict[str, tuple[str, ...]]:
    """Return for each role and each group who had it at the newest sign-in, with one query.

    The latest seen stand first; closed accounts are left out.
    """
    newest = SignIn.objects.order_by("user_id", "-signed_in_at", "-pk").distinct("user_id")
    rows = [one for one in newest.select_related("user")[:LOOKED_AT] if one.user.is_active]
    rows.sort(key=lambda one: one.seen_at, reverse=True)
    holders = {name: [one for one in rows if name in one.roles] for name in roles}
    holders |= {path: [one for one in rows if path in one.groups] for path in groups}
    return {key: tuple(str(one.user) for one in found[:limit]) for key, found in holders.items()}
