"""`manage.py breakglass_create NAME`: one more local superuser, for the day when Keycloak is gone."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from console.identity import events
from console.identity.accounts import NameTaken, TooManyAccounts, create_local
from console.identity.actor import Actor
from console.identity.models import User


class Command(BaseCommand):
    help = "Make a break-glass superuser and print its password once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="how the account is called, e.g. breakglass-1")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        try:
            User._meta.get_field("username").clean(name, None)
            made = create_local(name=name)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except (NameTaken, TooManyAccounts) as error:
            raise CommandError(str(error)) from error
        events.tell(events.Event(name="created", actor=Actor.system("breakglass_create"), detail=name))
        self.stdout.write(
            f"Account   {made.user.username}\n"
            f"Password  {made.password}   (shown only now: keep it sealed, away from this machine)\n"
            f"Sign in   {settings.GATEHOUSE_URL}{reverse('account_login')}\n"
            "The first sign-in asks for a second factor and shows recovery codes once. Do it now."
        )
