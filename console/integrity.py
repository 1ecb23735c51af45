"""What the database refuses: a broken constraint becomes a sentence, and who gave way begins again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar, cast

from django.db import IntegrityError, OperationalError, transaction
from psycopg.errors import DeadlockDetected, SerializationFailure


@contextmanager
def constraints(errors: dict[str, Exception]) -> Iterator[None]:
    """Run a write in a savepoint; raise the given error where that named constraint refuses it.

    Any other IntegrityError passes through: it is a fault of ours, not of the person typing.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        told = errors.get(getattr(diagnosis, "constraint_name", None) or "")
        if told is None:
            raise
        raise told from None


Act = TypeVar("Act", bound=Callable[..., Any])

TRIES = 3
_GIVE_WAY = (DeadlockDetected, SerializationFailure)


def tried_again(act: Act) -> Act:
    """Run a whole transaction again, three times at most, when the database let it give way to another.

    A deadlock or a conflict of serialization leaves nothing of it behind, so that nothing is done twice.
    Inside of an outer transaction the fault passes through: that one is whole, and has to begin again.
    """

    @wraps(act)
    def repeated(*args: Any, **kwargs: Any) -> Any:
        for _ in range(TRIES - 1):
            try:
                return act(*args, **kwargs)
            except OperationalError as error:
                if transaction.get_connection().in_atomic_block or not isinstance(error.__cause__, _GIVE_WAY):
                    raise
        return act(*args, **kwargs)

    return cast("Act", repeated)
