"""A broken constraint becomes a sentence: the database keeps the truth, the form says it kindly."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction


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
