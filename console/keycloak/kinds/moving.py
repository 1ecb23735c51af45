"""A group that gets another place and another name: Keycloak has one call for each, and none for both."""

from collections.abc import Awaitable, Callable

from console.keycloak.errors import Conflict, Permanent

Step = Callable[[str], Awaitable[None]]  # takes the name that the group has after the call


async def moved_and_named(*, old: str, new: str, move: Step, put: Step) -> None:
    """Move a group, and write it under its new name. Raises Permanent if both are taken on the way."""
    try:
        await move(old)
    except Conflict:  # its old name is taken there, so it gets the new one first
        await _named_here(new, put)
        return await move(new)
    await put(new)


async def _named_here(new: str, put: Step) -> None:
    try:
        await put(new)
    except Conflict as error:
        sentence = "Keycloak moves and renames in two steps, and on the way both names are taken"
        raise Permanent(f"{sentence}: do it in two changes.") from error


def half_way(was: str, now: str) -> frozenset[str]:
    """Return the paths at which a group stands when one of the two calls was made and the other was not."""
    (old_above, old_name), (above, name) = split(was), split(now)
    return frozenset({joined(above, old_name), joined(old_above, name)})


def joined(above: str, name: str) -> str:
    """Return the path of a group below another one, or of one at the top where `above` is empty."""
    return f"{above}/{name}" if above else name


def split(path: str) -> tuple[str, str]:
    """Return the path of what a group stands in, empty at the top, and its own name."""
    above, _, name = path.rpartition("/")
    return above, name
