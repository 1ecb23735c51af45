"""What has to be true before web and worker start: `python -m console.prepare KEYCLOAK_URL CLIENT_ID`.

One process for all of it, because Django's own start is most of the time. A second run changes nothing.
"""

import os
import sys

import django
from django.core.management import call_command


def prepare(*, keycloak_url: str, client_id: str) -> None:
    """Bring tables and static files up to date, and make the first Keycloak server known."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=1)
    call_command("createcachetable")
    call_command("collectstatic", interactive=False, verbosity=1)
    call_command("register_server", name="local", url=keycloak_url, client_id=client_id)


if __name__ == "__main__":
    prepare(keycloak_url=sys.argv[1], client_id=sys.argv[2])
