"""`manage.py register_server`: the first Keycloak server, for a start without clicks."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from console.identity.actor import Actor
from console.seal import CannotOpen
from console.sync.models import KeycloakServer
from tenants.services import servers


class Command(BaseCommand):
    help = "Add or update a Keycloak server. The secret is read from KEYCLOAK_CLIENT_SECRET."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True)
        parser.add_argument("--url", required=True)
        parser.add_argument("--client-id", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        secret = os.environ.get("KEYCLOAK_CLIENT_SECRET", "")
        if not secret:
            raise CommandError("KEYCLOAK_CLIENT_SECRET is not set.")
        actor = Actor.system("register_server")
        known = KeycloakServer.objects.filter(name=options["name"]).first()
        values = {"url": options["url"], "client_id": options["client_id"]}
        if known is None:
            servers.create(actor=actor, name=options["name"], secret=secret, **values)
            self.stdout.write(f"Server {options['name']} added.")
        elif not _is_same(known, values, secret):
            servers.edit(actor=actor, server=known.pk, revision=known.revision, secret=secret, **values)
            self.stdout.write(f"Server {options['name']} updated.")
        else:
            self.stdout.write(f"Server {options['name']} is as it was.")


def _is_same(known: KeycloakServer, values: dict[str, str], secret: str) -> bool:
    if (known.url, known.client_id) != (values["url"], values["client_id"]):
        return False
    try:
        return known.connection().client_secret.reveal() == secret
    except CannotOpen:  # the keys were lost or changed: the secret given now is kept under the present ones
        return False
