"""Many things, some at a time: what one query, one call or one transaction can carry."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def portions(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield the items in their order, `size` at a time; the last portion may be smaller."""
    for first in range(0, len(items), size):
        yield items[first : first + size]
