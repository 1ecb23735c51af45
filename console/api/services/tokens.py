"""API tokens are made and revoked here, through the door. The secret is returned once and never kept."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from console.audit.models import EventKind
from console.change import change
from console.identity.actor import Actor
from console.identity.api_tokens import mint
from console.identity.models import ApiToken, User, UserKind
from console.permissions.policy import CARRIABLE, decide, decide_somewhere, visible_tenants
from console.permissions.vocabulary import Permission
from console.sync.commands import Refused
from console.transport import Secret

LONGEST = timedelta(days=366)


class MoreThanOwn(Refused):
    """A token would carry what its maker has not."""


class NotForTokens(Refused):
    """A token would carry what none may carry."""


class WrongEnd(Refused):
    """A token would end in the past, or never in practice."""


class UnknownTenant(Refused):
    """The tenant of a token does not exist, or its maker may not know of it."""


class OverAlready(Refused):
    """The token was revoked before, or does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token and its secret, to be shown once."""

    row: ApiToken
    secret: Secret


def create(
    *,
    actor: Actor,
    name: str,
    permissions: Collection[str],
    tenant: str,
    expires_at: datetime,
    now: datetime,
) -> NewToken:
    """Return a new token. Raises Forbidden, MoreThanOwn, NotForTokens, WrongEnd, UnknownTenant."""
    _refuse_wrong_end(expires_at, now)
    _refuse_unknown(actor, tenant)
    carried = _carried(actor, permissions, tenant)
    minted = mint()
    with change(
        actor=actor, permission=Permission.TOKEN_CREATE, event=EventKind.IDENTITY_TOKEN_CREATED
    ) as made:
        row = ApiToken.objects.create(
            name=name,
            prefix=minted.prefix,
            digest=minted.digest,
            permissions=[one.value for one in carried],
            tenant=tenant,
            maker=_account(actor),
            created_at=now,
            expires_at=expires_at,
        )
        made.record(
            str(row),
            new={"permissions": row.permissions, "tenant": tenant or "all", "until": expires_at.isoformat()},
        )
    return NewToken(row=row, secret=Secret(minted.text))


def revoke(*, actor: Actor, token: int, now: datetime) -> ApiToken:
    """Return the token, revoked: the next request with it is refused. Raises Forbidden, OverAlready."""
    with change(
        actor=actor, permission=Permission.TOKEN_REVOKE, event=EventKind.IDENTITY_TOKEN_REVOKED
    ) as made:
        row = ApiToken.objects.select_for_update(of=("self",)).filter(pk=token, revoked_at=None).first()
        if row is None:
            raise OverAlready("This API token was revoked before, or does not exist.")
        row.revoked_at, row.revoked_by = now, actor.name
        row.save(update_fields=["revoked_at", "revoked_by"])
        made.record(str(row), old={"permissions": row.permissions, "tenant": row.tenant or "all"})
    return row


def carriable_by(actor: Actor) -> tuple[Permission, ...]:
    """Return what a token of this actor may carry: what she has, in the whole console or in some tenant."""
    return tuple(one for one in Permission if one in CARRIABLE and decide_somewhere(actor, one))


def _refuse_wrong_end(expires_at: datetime, now: datetime) -> None:
    if not now < expires_at <= now + LONGEST:
        raise WrongEnd("Choose an end in the future, and within a year.", field="expires_at")


def _refuse_unknown(actor: Actor, tenant: str) -> None:
    known = visible_tenants(actor)
    if tenant and known != "all" and tenant not in known:
        raise UnknownTenant("There is no such tenant.", field="tenant")


def _carried(actor: Actor, permissions: Collection[str], tenant: str) -> list[Permission]:
    wanted = sorted({Permission(one) for one in permissions})
    for one in wanted:
        if one not in CARRIABLE:
            raise NotForTokens(f"No API token may “{one.sentence}” ({one}).", field="permissions")
        if not (decide(actor, one, tenant) if tenant else decide_somewhere(actor, one)):
            raise MoreThanOwn(
                f"You may not “{one.sentence}” ({one}) yourself, so no token of yours may.",
                field="permissions",
            )
    if not wanted:
        raise Refused("Choose at least one right.", field="permissions")
    return wanted


def _account(actor: Actor) -> User:
    name = actor.key.removeprefix("local:")
    kind = UserKind.LOCAL if actor.key.startswith("local:") else UserKind.SSO
    return User.objects.get(username=name, kind=kind)
