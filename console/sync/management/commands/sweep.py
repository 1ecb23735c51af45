"""`manage.py sweep`: what workers do every few seconds, once. Exit code 0: nothing, 2: something was due."""

from typing import Any

from django.core.management.base import BaseCommand

from console.sync import scripting, sweep


class Command(BaseCommand):
    help = (
        "Take up once what is due: stalled jobs, realms whose next attempt has come, checks. "
        "Exit code 0: nothing was due, 2: something was and waits for a worker now."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        count = sweep.once()
        self.stdout.write(f"{count} due, and enqueued: a worker does it." if count else "Nothing was due.")
        scripting.ended(scripting.CHANGES if count else scripting.NOTHING)
