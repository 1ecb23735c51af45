"""What django-allauth says of second factors, handed on to whoever records it."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.http import HttpRequest

from console.identity import events
from console.identity.actor import Actor, ActorKind
from console.identity.models import User
from console.identity.networks import address_of


def connect() -> None:
    """Hear of factors that come and go. allauth offers signals for this, and nothing else."""
    authenticator_added.connect(_added, dispatch_uid="console.identity.factors")
    authenticator_reset.connect(_added, dispatch_uid="console.identity.factors")
    authenticator_removed.connect(_removed, dispatch_uid="console.identity.factors")


def _added(*, request: HttpRequest, user: User, authenticator: Authenticator, **more: Any) -> None:
    _tell("factor-added", request, user, authenticator)


def _removed(*, request: HttpRequest, user: User, authenticator: Authenticator, **more: Any) -> None:
    _tell("factor-removed", request, user, authenticator)


def _tell(name: str, request: HttpRequest, user: User, authenticator: Authenticator) -> None:
    # A first factor is enrolled before the session is anybody's, so the actor is made here.
    actor = Actor(
        key=f"local:{user.username}",
        name=str(user),
        kind=ActorKind.LOCAL,
        is_superuser=user.is_superuser,
    )
    kind = Authenticator.Type(authenticator.type).label
    events.tell(events.Event(name=name, actor=actor, address=address_of(request), detail=str(kind)))
