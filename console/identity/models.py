"""Who operates the console: accounts, their identity at Keycloak, and each sign-in."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q

SSO_PREFIX = "sso:"


class UserKind(models.TextChoices):
    SSO = "sso", "Keycloak"
    LOCAL = "local", "Local (break-glass)"


class User(AbstractUser):
    """An operator. `sso` accounts follow Keycloak; `local` ones are break-glass superusers.

    The user name of an `sso` account is a digest of issuer and subject, so it can never be the
    name of a local one. `shown_name` is what people read.

    Of who made API tokens, `confirmed` holds what Keycloak said at `confirmed_at` beside any sign-in: roles
    and groups, and whether the account is gone. `asked_at` is when it was asked last, answered or not.
    """

    kind = models.CharField(max_length=5, choices=UserKind, default=UserKind.LOCAL, editable=False)
    shown_name = models.CharField(max_length=255, blank=True, default="", editable=False)
    asked_at = models.DateTimeField(null=True, editable=False)
    confirmed_at = models.DateTimeField(null=True, editable=False)
    confirmed = models.JSONField(null=True, editable=False)

    class Meta(AbstractUser.Meta):
        swappable = "AUTH_USER_MODEL"
        constraints = [
            models.UniqueConstraint(fields=["id", "kind"], name="identity_user_id_kind"),
            models.CheckConstraint(
                condition=Q(kind="sso", username__startswith=SSO_PREFIX)
                | (Q(kind="local") & ~Q(username__startswith=SSO_PREFIX)),
                name="identity_user_name_shows_kind",
                violation_error_message="Names that begin with “sso:” are kept for accounts of Keycloak.",
            ),
            models.CheckConstraint(
                condition=Q(kind="local") | Q(password__startswith="!"),
                name="identity_sso_user_has_no_password",
                violation_error_message="An account of Keycloak has no password here.",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed__isnull=True)
                | Q(confirmed_at__isnull=False, confirmed__isnull=False, kind="sso"),
                name="identity_user_confirmed_by_keycloak",
            ),
        ]

    def __str__(self) -> str:
        return self.shown_name or self.username

    @property
    def is_local(self) -> bool:
        return self.kind == UserKind.LOCAL


class OidcIdentity(models.Model):
    """The person at the identity provider: issuer and subject, never an e-mail address.

    `user_kind` is always `sso` and is tied to the kind of the user by a foreign key over both
    columns (first migration), so no local account can ever carry an identity.
    """

    issuer = models.CharField(max_length=512)
    subject = models.CharField(max_length=255)
    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="oidc_identity")
    user_kind = models.CharField(max_length=5, default=UserKind.SSO, editable=False)

    class Meta:
        verbose_name = "identity at Keycloak"
        verbose_name_plural = "identities at Keycloak"
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="identity_oidc_issuer_subject"),
            models.CheckConstraint(condition=Q(user_kind="sso"), name="identity_oidc_user_is_sso"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} at {self.issuer}"


class SignInQuerySet(models.QuerySet["SignIn"]):
    def open(self) -> Self:
        return self.filter(ended_at=None)

    def break_glass_since(self, instant: datetime) -> Self:
        """Return the uses of local accounts since then, the newest first."""
        return (
            self.filter(user__kind=UserKind.LOCAL, signed_in_at__gte=instant)
            .select_related("user")
            .order_by("-signed_in_at", "-pk")
        )

    def claim_check(self, sign_in: "SignIn", *, now: datetime, patience: timedelta) -> bool:
        """Return True for exactly one of the requests that saw this sign-in due and want to re-check it."""
        free = Q(claimed_at=None) | Q(claimed_at__lt=now - patience)
        due = self.open().filter(free, pk=sign_in.pk, checked_at=sign_in.checked_at)
        return due.update(claimed_at=now) == 1


class SignIn(models.Model):
    """One session of one operator, from sign-in to its end. The browser's session names its key.

    Roles and groups are those of the newest verified ID token. Tokens are sealed, and removed
    at the end. The row stays, as the record of who was here. A sign-in without a second factor
    is not complete: a local account may then only enrol one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    subject = models.CharField(max_length=255, blank=True, default="")
    sid = models.CharField(max_length=255, blank=True, default="", db_index=True)
    roles = models.JSONField(default=list)
    groups = models.JSONField(default=list)
    sealed_refresh_token = models.TextField(blank=True, default="")
    sealed_id_token = models.TextField(blank=True, default="")
    is_complete = models.BooleanField(default=True)
    address = models.GenericIPAddressField(null=True)
    signed_in_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    checked_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=200, blank=True, default="")

    objects = SignInQuerySet.as_manager()

    class Meta:
        verbose_name = "sign-in"
        indexes = [models.Index(fields=["-signed_in_at"], name="identity_signin_newest")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_why="") | (Q(ended_at__isnull=False) & ~Q(ended_why="")),
                name="identity_signin_end_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(sealed_refresh_token="", sealed_id_token=""),
                name="identity_signin_end_drops_tokens",
            ),
            models.CheckConstraint(
                condition=Q(checked_at__gte=F("signed_in_at")), name="identity_signin_checked_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.signed_in_at:%Y-%m-%d %H:%M}"


class SpentLogoutToken(models.Model):
    """A back-channel logout token that was used: its `jti` counts once."""

    jti = models.CharField(max_length=255, unique=True)
    spent_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.jti


class ApiToken(models.Model):
    """What a program shows to act here: some rights, for a while, never more than its maker's own.

    Only the digest of the secret is kept; `prefix` is its beginning, to recognise it by. `tenant` is the
    slug of the one tenant that it is for, or "" for all that the maker may act in.
    """

    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=16, unique=True, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    permissions = models.JSONField(default=list)
    tenant = models.CharField(max_length=63, blank=True, default="")
    maker = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_tokens", editable=False)
    created_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_by = models.CharField(max_length=255, blank=True, default="", editable=False)

    class Meta:
        verbose_name = "API token"
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")),
                name="identity_apitoken_expires_after_start",
                violation_error_message="A token ends after it was made.",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by="")
                | (Q(revoked_at__isnull=False) & ~Q(revoked_by="")),
                name="identity_apitoken_revoked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def state_at(self, now: datetime) -> str:
        """Return `revoked`, `expired` or `valid`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at <= now else "valid"
