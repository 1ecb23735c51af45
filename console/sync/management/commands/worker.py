"""`manage.py worker`: carries out what forms asked for."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from console.sync import bulkhead, queue, sweep


class Command(BaseCommand):
    help = "Carry out jobs until stopped. Start as many workers as you like, on any host."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=4, help="jobs at once (default 4)")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write("Worker ready. Waiting for jobs.")
        self.stdout.flush()
        bulkhead.made_for(options["concurrency"])
        over = sweep.start()
        queue.work(concurrency=options["concurrency"])
        over.set()
