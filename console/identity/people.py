"""Which operators the console has met, for pages that name whom to ask."""

from collections.abc import Collection, Iterable

from console.identity.models import SignIn

LOOKED_AT = 200


def administrators_seen(*, role: str, limit: int = 5) -> tuple[str, ...]:
    """Return the names of operators whose newest sign-in had the role, the latest seen first."""
    return holders_seen(roles={role: (role,)}, limit=limit)[role]


def holders_seen(
    *, roles: dict[str, Collection[str]], limit: int = 5, groups: dict[str, Collection[str]] | None = None
) -> dict[str, tuple[str, ...]]:
    """Return for each key who had one of its roles or groups at the newest sign-in, with one query.

    The latest seen stand first; closed accounts are left out.
    """
    newest = SignIn.objects.order_by("user_id", "-signed_in_at", "-pk").distinct("user_id")
    rows = [one for one in newest.select_related("user")[:LOOKED_AT] if one.user.is_active]
    rows.sort(key=lambda one: one.seen_at, reverse=True)
    wanted = {key: (frozenset(names), frozenset((groups or {}).get(key, ()))) for key, names in roles.items()}
    return {key: tuple(_some(rows, names, paths, limit=limit)) for key, (names, paths) in wanted.items()}


def _some(rows: Iterable[SignIn], roles: frozenset[str], groups: frozenset[str], *, limit: int) -> list[str]:
    found = [
        str(one.user) for one in rows if roles.intersection(one.roles) or groups.intersection(one.groups)
    ]
    return found[:limit]
