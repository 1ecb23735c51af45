"""The views of other packages, each with who may call it and why. What is not listed is refused."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import ResolverMatch

from console.identity.actor import ActorKind, actor_of
from console.permissions.policy import SUPERUSER, Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignAccess:
    """Who may call a view that is not ours."""

    why: str
    allows: Callable[[HttpRequest], bool]
    refusal: Decision = Decision(allowed=False, reason="This page is for another kind of account.")


def _everyone(request: HttpRequest) -> bool:
    return True


def _local_accounts(request: HttpRequest) -> bool:
    # A local account that has not enrolled a second factor yet is no actor, but it is signed in.
    return bool(request.user.is_authenticated and request.user.is_local)


def _superusers(request: HttpRequest) -> bool:
    actor = actor_of(request)
    return actor.kind in (ActorKind.SSO, ActorKind.LOCAL) and actor.is_superuser


_LOCAL = ForeignAccess(why="Second factors belong to break-glass accounts.", allows=_local_accounts)
_ADMIN = ForeignAccess(
    why="The Django admin is for superusers of either kind.",
    allows=_superusers,
    refusal=Decision(
        allowed=False,
        reason=f"The Django admin needs the realm role {SUPERUSER}, or a break-glass account.",
        who="Whoever manages the console's own realm in Keycloak can give that role.",
    ),
)

FOREIGN: Mapping[str, ForeignAccess] = {
    "account_login": ForeignAccess(why="The break-glass sign-in page itself.", allows=_everyone),
    "mfa_authenticate": ForeignAccess(why="The second step of that sign-in.", allows=_everyone),
    "account_reauthenticate": _LOCAL,
    "account_change_password": _LOCAL,
    "mfa_index": _LOCAL,
    "mfa_reauthenticate": _LOCAL,
    "mfa_activate_totp": _LOCAL,
    "mfa_deactivate_totp": _LOCAL,
    "mfa_view_recovery_codes": _LOCAL,
    "mfa_generate_recovery_codes": _LOCAL,
    "mfa_list_webauthn": _LOCAL,
    "mfa_add_webauthn": _LOCAL,
    "mfa_remove_webauthn": _LOCAL,
    "mfa_edit_webauthn": _LOCAL,
    "mfa_reauthenticate_webauthn": _LOCAL,
}


def foreign_access(match: ResolverMatch) -> ForeignAccess | None:
    """Return the rule for a view of another package, or None when it is not listed."""
    if "admin" in match.app_names:
        return _ADMIN
    return FOREIGN.get(match.view_name)
