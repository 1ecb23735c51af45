"""Which operators the console has met, for pages that name whom to ask."""

from console.identity.models import SignIn


def administrators_seen(*, role: str, limit: int = 5) -> tuple[str, ...]:
    """Return the names of operators whose newest sign-in had the role, the latest seen first."""
    newest = SignIn.objects.order_by("user_id", "-signed_in_at", "-pk").distinct("user_id")
    rows = [one for one in newest.select_related("user")[:200] if role in one.roles and one.user.is_active]
    rows.sort(key=lambda one: one.seen_at, reverse=True)
    return tuple(str(one.user) for one in rows[:limit])
