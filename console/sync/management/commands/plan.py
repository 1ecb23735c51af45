"""`manage.py plan SERVER/REALM`: what waits for Keycloak. Exit code 0: nothing, 2: changes, 1: an error."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from console.sync import scripting


class Command(BaseCommand):
    help = "Show what waits to be written to a realm. Exit code 0: nothing, 2: changes wait, 1: an error."

    def add_arguments(self, parser: CommandParser) -> None:
        scripting.name_a_realm(parser)
        parser.add_argument("--json", action="store_true", help="as JSON, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        scope = scripting.scope_named(options["realm"])
        told = scripting.plan_told(scope, scripting.waiting(scope))
        if options["json"]:
            self.stdout.write(json.dumps(told, indent=2, default=dict))
        else:
            self._say(told)
        scripting.ended(scripting.CHANGES if told["operations"] or told["findings"] else scripting.NOTHING)

    def _say(self, told: dict[str, Any]) -> None:
        for one in told["operations"]:
            self.stdout.write(f"{one['phase']}. {scripting.words_of(one)}")
        for one in told["findings"]:
            self.stdout.write(f"!  {one['sentence']}")
        if not told["operations"] and not told["findings"]:
            self.stdout.write(f"Nothing waits for {told['realm']}.")
