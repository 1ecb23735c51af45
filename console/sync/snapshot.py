"""One consistent view of the database that nobody has to wait for."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """A transaction whose questions are all answered as of its first one, without any lock.

    What a change declares and its generation are seen together or not at all. Within another transaction
    that one's view counts. https://www.postgresql.org/docs/current/transaction-iso.html
    """
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
