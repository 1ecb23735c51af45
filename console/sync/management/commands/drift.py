"""`manage.py drift SERVER/REALM|--all`: a full check now. Exit code 0: nothing, 2: items, 1: an error."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from console.keycloak.errors import KeycloakError
from console.seal import CannotOpen
from console.sync import scripting
from console.sync.drift import inbox, watching
from console.sync.drift.check import check
from console.sync.drift.models import DriftItem
from console.sync.models import Scope


class Command(BaseCommand):
    help = (
        "Compare whole realms with what is declared, and show what differs; ignored items are left out. "
        "Exit code 0: nothing differs, 2: something does, 1: a realm could not be compared."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        scripting.name_a_realm(parser, nargs="?", default="")
        parser.add_argument("--all", action="store_true", help="all realms")
        parser.add_argument("--json", action="store_true", help="as JSON, for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["realm"]) == options["all"]:
            raise CommandError("Name one realm, as main/acme, or give --all.")
        scopes = list(_all()) if options["all"] else [scripting.scope_named(options["realm"])]
        failures = [sentence for scope in scopes if (sentence := self._checked(scope))]
        items = list(_items(scopes))
        if options["json"]:
            told = [scripting.item_told(one) for one in items]
            self.stdout.write(json.dumps({"items": told, "failures": failures}, indent=2))
        else:
            self._say(items, scopes)
        if failures:
            raise CommandError(" ".join(failures))
        scripting.ended(scripting.CHANGES if items else scripting.NOTHING)

    def _checked(self, scope: Scope) -> str:
        """Return why a realm could not be compared, "" where it was."""
        try:
            watch = check(scope.pk)
        except (KeycloakError, CannotOpen, watching.Running) as error:
            return f"{scope}: {getattr(error, 'sentence', str(error))}"
        if watch is not None and watch.unreadable:
            return f"{scope}: not readable: {', '.join(sorted(watch.unreadable))}."
        return ""

    def _say(self, items: Sequence[DriftItem], scopes: Iterable[Scope]) -> None:
        for item in items:
            told = scripting.item_told(item)
            along = f", with {len(item.along)} more" if item.along else ""
            self.stdout.write(
                f"{told['realm']}  {told['address']}  {told['state']}, {told['change']}{along}  {told['by']}"
            )
        if not items:
            self.stdout.write(f"Nothing differs in {', '.join(map(str, scopes)) or 'any realm'}.")


def _all() -> Iterator[Scope]:
    yield from Scope.objects.select_related("server").order_by("server__name", "realm")


def _items(scopes: Iterable[Scope]) -> Iterable[DriftItem]:
    rows = DriftItem.objects.filter(inbox.shelf("open"), scope__in=scopes)
    return rows.select_related("scope__server").order_by("scope_id", "address")
