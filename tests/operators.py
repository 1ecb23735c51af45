"""Operators for tests of pages: a session as the sign-in leaves it, without the way through Keycloak."""

import uuid

from django.test import Client
from django.utils import timezone

from console.identity.models import SignIn, User, UserKind
from console.identity.sign_ins import SESSION_KEY


def sign_in_as(
    client: Client,
    name: str = "ada",
    *,
    roles: tuple[str, ...] = (),
    groups: tuple[str, ...] = (),
    is_superuser: bool = False,
) -> User:
    """Give the client the session of an operator of Keycloak whose token had these roles and groups."""
    user, _ = User.objects.update_or_create(
        username=f"sso:{name}",
        defaults={
            "kind": UserKind.SSO,
            "shown_name": name,
            "password": "!",
            "is_staff": is_superuser,
            "is_superuser": is_superuser,
        },
    )
    now = timezone.now()
    sign_in = SignIn.objects.create(
        id=uuid.uuid4(),
        user=user,
        subject=f"subject-of-{name}",
        roles=list(roles),
        groups=list(groups),
        signed_in_at=now,
        seen_at=now,
        checked_at=now,
    )
    client.force_login(user, backend="console.identity.backends.ConsoleOIDCBackend")
    session = client.session
    session[SESSION_KEY] = str(sign_in.pk)
    session.save()
    return user
