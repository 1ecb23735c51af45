"""Tenants and the realms that serve them."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from console.engine.state import Address
from console.identity.actor import Actor
from console.permissions.policy import visible_tenants
from console.sync.models import NAME, Scope
from console.timed import NOT_ENDED, Timed

SECONDS = [MinValueValidator(30), MaxValueValidator(31_536_000)]


class Realm(models.Model):
    """A realm as declared here. Its fields are the settings that we manage; the rest stays Keycloak's."""

    scope = models.OneToOneField(Scope, on_delete=models.PROTECT, related_name="declared_realm")
    display_name = models.CharField(max_length=255, blank=True)
    enabled = models.BooleanField(default=True)
    access_token_lifespan = models.PositiveIntegerField(default=300, validators=SECONDS)
    sso_session_idle = models.PositiveIntegerField(default=1800, validators=SECONDS)
    sso_session_max = models.PositiveIntegerField(default=36000, validators=SECONDS)
    login_with_email = models.BooleanField(default=True)
    registration_allowed = models.BooleanField(default=False)
    brute_force_protected = models.BooleanField(default=True)
    # Whether the settings are declared at all, and whether what carries entitlements is: not in a realm that
    # was there before us, until somebody takes the first over and grants the first entitlement.
    is_declared = models.BooleanField(default=True)
    has_carrier = models.BooleanField(default=True)
    # Further settings that we manage, by their names in the registry of kinds.
    more = models.JSONField(default=dict, blank=True)
    # Sealed, each with its version; never read back from Keycloak.
    secrets = models.JSONField(default=dict, blank=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.CharField(max_length=255)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(sso_session_max__gte=models.F("access_token_lifespan")),
                name="tenants_realm_token_within_session",
                violation_error_message="A token cannot live longer than the session: raise the maximum.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.scope.realm

    @property
    def default_role(self) -> str:
        return f"default-roles-{self.scope.realm}"


class Declaration(Timed):
    """Something of a realm without a model of its own: a client, a mapper, a link, as the registry has it.

    `fields` are those that we manage, `secrets` are sealed for this realm and address, and written only.
    """

    class Source(models.TextChoices):
        CONSOLE = "console", "Declared here"
        KEYCLOAK = "keycloak", "Taken over from Keycloak"
        BLUEPRINT = "blueprint", "Made by the tenant's blueprint"

    realm = models.ForeignKey(Realm, on_delete=models.PROTECT, related_name="declarations")
    address = models.CharField(max_length=900)
    kind = models.CharField(max_length=40)
    fields = models.JSONField(default=dict)
    secrets = models.JSONField(default=dict)
    source = models.CharField(max_length=16, choices=Source.choices, default=Source.CONSOLE)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.CharField(max_length=255)
    reason = models.TextField(blank=True)

    class Meta(Timed.Meta):
        constraints: ClassVar = [
            *Timed.Meta.constraints,
            models.UniqueConstraint(
                fields=["realm", "address"],
                condition=NOT_ENDED,
                name="tenants_declaration_once",
                violation_error_message="This is declared already.",
            ),
        ]
        indexes: ClassVar = [
            *Timed.Meta.indexes,
            models.Index(fields=["realm", "kind"], name="tenants_declaration_kind"),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def at(self) -> Address:
        return Address.parse(self.address)


class TenantQuerySet(models.QuerySet["Tenant"]):
    def visible_to(self, actor: Actor) -> "TenantQuerySet":
        """Return the tenants that this actor may know of."""
        visible = visible_tenants(actor)
        return self.all() if visible == "all" else self.filter(slug__in=visible)

    def with_realm(self) -> "TenantQuerySet":
        return self.select_related("realm__scope__server")


class Tenant(models.Model):
    """A customer of the platform: served by a realm of its own, or by a share of one.

    A share is one top-level group, and a prefix of role names; its people belong to the realm.
    """

    class ServedBy(models.TextChoices):
        REALM = "realm", "Realm of its own"
        SHARE = "share", "Share of a realm"

    slug = models.SlugField(max_length=63, unique=True, validators=[NAME])
    name = models.CharField(max_length=120)
    realm = models.ForeignKey(Realm, on_delete=models.PROTECT, related_name="tenants")
    served_by = models.CharField(max_length=16, choices=ServedBy.choices, default=ServedBy.REALM)
    group_name = models.CharField(max_length=63, blank=True)
    role_prefix = models.CharField(max_length=64, blank=True)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.CharField(max_length=255)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(served_by="realm", group_name="", role_prefix="")
                | (Q(served_by="share") & ~Q(group_name="") & ~Q(role_prefix="")),
                name="tenants_tenant_share_has_group_and_prefix",
            ),
            models.UniqueConstraint(
                fields=["realm"],
                condition=Q(served_by="realm"),
                name="tenants_tenant_one_whole_realm",
                violation_error_message="This realm serves another tenant as a whole.",
            ),
            models.UniqueConstraint(
                fields=["realm", "group_name"],
                condition=Q(served_by="share"),
                name="tenants_tenant_share_group_once",
                violation_error_message="Another tenant has this group of the realm.",
            ),
            models.UniqueConstraint(
                fields=["realm", "role_prefix"],
                condition=Q(served_by="share"),
                name="tenants_tenant_share_prefix_once",
                violation_error_message="Another tenant has this prefix in the realm.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("access:matrix", kwargs={"tenant": self.slug})

    @property
    def is_share(self) -> bool:
        return self.served_by == self.ServedBy.SHARE

    @property
    def type_prefix(self) -> str:
        """How entitlement types of a share begin. No slug holds a dot, so none begins like another's."""
        return f"{self.slug}." if self.is_share else ""


class Blueprint(models.Model):
    """One version of a platform as data, word for word. A row is never changed: a new text is a new version.

    What the product ships gets a row when a tenant begins to use it, so that a later product that ships
    another version takes nothing away.
    """

    class Source(models.TextChoices):
        SHIPPED = "shipped", "Ships with the product"
        UPLOADED = "uploaded", "Uploaded here"

    key = models.SlugField(max_length=63, validators=[NAME])
    version = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    text = models.TextField()
    digest = models.CharField(max_length=64)
    source = models.CharField(max_length=16, choices=Source.choices)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.CharField(max_length=255)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["key", "version"],
                name="tenants_blueprint_version_once",
                violation_error_message="This version of the blueprint is here already.",
            ),
            models.CheckConstraint(
                condition=~Q(key="") & ~Q(version="") & ~Q(text=""), name="tenants_blueprint_says_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class BlueprintUse(models.Model):
    """Which version of which blueprint a tenant stands under, and with which parameters."""

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, related_name="blueprint_use")
    blueprint = models.ForeignKey(Blueprint, on_delete=models.PROTECT, related_name="uses")
    parameters = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.CharField(max_length=255)

    def __str__(self) -> str:
        return f"{self.tenant} under {self.blueprint}"


class BlueprintPart(models.Model):
    """Something that a blueprint made in a tenant, with the fields as the blueprint last had them.

    What stands declared otherwise was changed here since, and is kept. Only what has a row here is ever
    taken away by a newer version.
    """

    use = models.ForeignKey(BlueprintUse, on_delete=models.CASCADE, related_name="parts")
    address = models.CharField(max_length=900)
    fields = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["use", "address"], name="tenants_blueprint_part_once"),
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def at(self) -> Address:
        return Address.parse(self.address)
