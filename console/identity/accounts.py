"""The account of an operator: found by issuer and subject, and kept as the verified token says."""

import hashlib
import secrets
from dataclasses import dataclass

from django.db import transaction

from console.identity.models import SSO_PREFIX, OidcIdentity, User, UserKind
from console.identity.tokens import Operator

SUPERUSER_ROLE = "gatehouse-superuser"
MOST_LOCAL_ACCOUNTS = 3


class TooManyAccounts(Exception):
    """There are as many break-glass accounts as may exist. The message says what to do."""


class NameTaken(Exception):
    """Another account has this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLocalAccount:
    """A break-glass account and its password, which is known here only, and only once."""

    user: User
    password: str


def account_of(operator: Operator) -> User:
    """Return the account of this issuer and subject, made at its first sign-in and updated at each.

    E-mail addresses are kept to be shown and are never looked up.
    """
    with transaction.atomic():
        identity = (
            OidcIdentity.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(issuer=operator.issuer, subject=operator.subject)
            .first()
        )
        user = identity.user if identity else _new_account(operator)
        return _mirror(user, operator)


def create_local(*, name: str) -> NewLocalAccount:
    """Return a new break-glass superuser. Raises TooManyAccounts or NameTaken."""
    with transaction.atomic():
        present = list(User.objects.select_for_update().filter(kind=UserKind.LOCAL, is_active=True))
        if len(present) >= MOST_LOCAL_ACCOUNTS:
            names = ", ".join(sorted(one.username for one in present))
            raise TooManyAccounts(
                f"There are {len(present)} break-glass accounts already ({names}), and no more may exist. "
                "Deactivate one in the Django admin first."
            )
        if User.objects.filter(username__iexact=name).exists():
            raise NameTaken(f"There is an account named {name} already.")
        password = secrets.token_urlsafe(24)
        user = User.objects.create_superuser(username=name, password=password, kind=UserKind.LOCAL)
    return NewLocalAccount(user=user, password=password)


def _new_account(operator: Operator) -> User:
    digest = hashlib.sha256(f"{operator.issuer}\n{operator.subject}".encode()).hexdigest()
    user, _ = User.objects.get_or_create(
        username=f"{SSO_PREFIX}{digest[:32]}", defaults={"kind": UserKind.SSO, "password": "!"}
    )
    OidcIdentity.objects.get_or_create(issuer=operator.issuer, subject=operator.subject, user=user)
    return user


def _mirror(user: User, operator: Operator) -> User:
    """Write what the token says to the account. Rights in the Django admin follow one realm role."""
    is_superuser = SUPERUSER_ROLE in operator.roles
    wanted = {
        "shown_name": operator.username,
        "email": operator.email[:254],
        "first_name": operator.first_name[:150],
        "last_name": operator.last_name[:150],
        "is_staff": is_superuser,
        "is_superuser": is_superuser,
    }
    changed = [name for name, value in wanted.items() if getattr(user, name) != value]
    for name in changed:
        setattr(user, name, wanted[name])
    if changed:
        user.save(update_fields=changed)
    return user
