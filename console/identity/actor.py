"""Who acts: one small value that every service, policy decision and audit row takes."""

from dataclasses import dataclass
from enum import StrEnum

from django.http import HttpRequest

from console.identity.models import SignIn, User


class ActorKind(StrEnum):
    SSO = "sso"
    LOCAL = "local"
    API = "api"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What an API token carries: some rights, in one tenant or ("") in all, and whose rights bound them."""

    permissions: frozenset[str]
    tenant: str
    maker: "Actor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """`key` is stable for ever, `name` is for people. Roles and groups come from a verified token.

    Of a program that came with an API token, `carried` says what that allows; it has no roles of its own.
    """

    key: str
    name: str
    kind: ActorKind
    roles: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    is_superuser: bool = False
    carried: Carried | None = None

    @classmethod
    def system(cls, name: str) -> "Actor":
        """Return the actor of a job or command: it is trusted by where it runs."""
        return cls(key=f"system:{name}", name=name, kind=ActorKind.SYSTEM)

    @classmethod
    def anonymous(cls) -> "Actor":
        return cls(key="anonymous", name="nobody", kind=ActorKind.ANONYMOUS)

    @property
    def is_signed_in(self) -> bool:
        return self.kind in (ActorKind.SSO, ActorKind.LOCAL)


def actor_of(request: HttpRequest) -> Actor:
    """Return who sends this request, as the session guard established it; anonymous without one."""
    return getattr(request, "actor", None) or Actor.anonymous()


def actor_for(*, user: User, sign_in: SignIn) -> Actor:
    """Return the actor of an open sign-in whose limits and factors were checked."""
    if user.is_local:
        return Actor(
            key=f"local:{user.username}",
            name=str(user),
            kind=ActorKind.LOCAL,
            is_superuser=user.is_superuser,
        )
    return Actor(
        key=user.username,
        name=str(user),
        kind=ActorKind.SSO,
        roles=frozenset(sign_in.roles),
        groups=frozenset(sign_in.groups),
        is_superuser=user.is_superuser,
    )
