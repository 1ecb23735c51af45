"""`manage.py demo`: a tenant with people, roles, groups and entitlements to look at."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from console.identity.actor import Actor
from console.sync.commands import Refused
from console.sync.models import KeycloakServer, Plan
from console.sync.preview import Changed, apply, preview
from tenants.models import Tenant

TRIES = 10


class Command(BaseCommand):
    help = "Make a demo tenant with a realm of its own, through the same previews and services as forms."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--slug", default="acme", help="short name of the tenant and its realm")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["slug"]
        server = KeycloakServer.objects.order_by("pk").first()
        if server is None:
            raise CommandError("There is no Keycloak server yet. `make run` adds one.")
        if Tenant.objects.filter(slug=slug).exists():
            raise CommandError(f"There is a tenant {slug} already. Choose another name: --slug NAME.")
        name = slug.capitalize()
        values = {"slug": slug, "name": name, "server": server.pk, "realm": slug}
        self._do("tenants:tenant:create", slug, f"Create the tenant {name}", values)
        self._do("access:demo:fill", slug, f"Fill {name} with demo data", {"tenant": slug})
        self.stdout.write(f"The tenant {name} is being made: a worker writes it to Keycloak now.")

    def _do(self, command: str, tenant: str, title: str, values: dict[str, Any]) -> None:
        actor = Actor.system("demo")
        try:
            plan = preview(actor=actor, command=command, values=values, title=title, tenant=tenant)
            _applied(actor, plan)
        except Refused as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{title}: {len(plan.operations)} operations.")


def _applied(actor: Actor, plan: Plan) -> None:
    """Apply a plan, or the one that takes its place: a worker may be making the realm meanwhile."""
    for _ in range(TRIES - 1):
        try:
            apply(actor=actor, plan=plan, reason="Demo data", ticket="")
            return
        except Changed as changed:
            plan = changed.plan
    apply(actor=actor, plan=plan, reason="Demo data", ticket="")
