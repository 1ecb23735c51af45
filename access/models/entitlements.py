"""Entitlements: a level of use of one resource, by a name, granted to people, groups and service accounts.

Types, resources, names and owners live here only. A grant is carried to Keycloak as one value of the
declared, admin-only, multi-valued attribute `entitlements`, and from there into tokens.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from access.models.base import Declared, Link, TimedLink
from access.models.groups import Group
from access.models.people import Person
from access.querysets import EntitlementTypeQuerySet, NamedEntitlementQuerySet, ResourceQuerySet
from console.engine.state import Address, Kind
from console.timed import NOT_ENDED
from tenants.models import Declaration

PART = RegexValidator(
    r"\A[A-Za-z0-9](?:[A-Za-z0-9._-]{0,78}[A-Za-z0-9])?\Z",
    "Use letters, digits and . _ - (the name stands in tokens between colons).",
)
EVERY = "*"  # the name of the resource that stands for every resource of its type


class EntitlementType(Declared):
    """A kind of thing that one may be entitled to, with its levels, weakest first.

    A level includes all that stand before it.
    """

    name = models.CharField(max_length=80, validators=[PART])
    description = models.CharField(max_length=255, blank=True)
    levels = ArrayField(models.CharField(max_length=40, validators=[PART]), size=12)

    objects = EntitlementTypeQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["realm", "name"],
                name="access_entitlement_type_once",
                violation_error_message="An entitlement type of this name exists in this realm.",
            ),
            models.CheckConstraint(condition=Q(levels__len__gt=0), name="access_entitlement_type_has_levels"),
        ]

    def __str__(self) -> str:
        return self.name


class Resource(Declared):
    """One thing of a type: the package `demo`, the database `trades`; `*` is every one of the type."""

    type = models.ForeignKey(EntitlementType, on_delete=models.PROTECT, related_name="resources")
    name = models.CharField(max_length=80, validators=[PART])
    description = models.CharField(max_length=255, blank=True)

    objects = ResourceQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["type", "name"],
                name="access_resource_once",
                violation_error_message="A resource of this name exists for this type.",
            ),
        ]

    def __str__(self) -> str:
        return f"every {self.type.name}" if self.is_every else f"{self.type.name} {self.name}"

    @property
    def is_every(self) -> bool:
        return self.name == EVERY

    @property
    def key(self) -> str:
        """How decisions and facts call it: `package:demo`."""
        return f"{self.type.name}:{self.name}"


class ResourceOwner(Link):
    """This person, or this client's service account, owns the resource. Keycloak knows nothing of it."""

    resource = models.ForeignKey(Resource, on_delete=models.CASCADE, related_name="owners")
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="owned")
    client = models.ForeignKey(Declaration, null=True, on_delete=models.CASCADE, related_name="owned")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(person__isnull=True, client__isnull=False)
                | Q(person__isnull=False, client__isnull=True),
                name="access_resource_owner_one_owner",
            ),
            models.UniqueConstraint(
                fields=["resource", "person", "client"],
                nulls_distinct=False,
                name="access_resource_owner_once",
                violation_error_message="This is an owner already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner} owns {self.resource}"

    @property
    def owner(self) -> str:
        return str(self.person) if self.person else service_words(self.client)


class NamedEntitlement(Declared):
    """A level of a resource by a name of its own, such as `demo-ro`: what forms, lists and the record say."""

    name = models.CharField(max_length=80, validators=[PART])
    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="names")
    level = models.CharField(max_length=40)
    description = models.CharField(max_length=255, blank=True)

    objects = NamedEntitlementQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["realm", "name"],
                name="access_named_entitlement_name_once",
                violation_error_message="An entitlement of this name exists in this realm.",
            ),
            models.UniqueConstraint(
                fields=["resource", "level"],
                name="access_named_entitlement_once",
                violation_error_message="This level of the resource has a name already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def value(self) -> str:
        """The text that stands in Keycloak and in tokens."""
        return value_of(self.resource, self.level)


class Entitlement(TimedLink):
    """A grant: this person, everybody in this group, or this client's service account, may use the resource
    at this level.
    """

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="entitlements")
    level = models.CharField(max_length=40)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="entitlements")
    group = models.ForeignKey(Group, null=True, on_delete=models.CASCADE, related_name="entitlements")
    client = models.ForeignKey(Declaration, null=True, on_delete=models.CASCADE, related_name="entitlements")

    class Meta(TimedLink.Meta):
        constraints: ClassVar = [
            *TimedLink.Meta.constraints,
            models.CheckConstraint(
                condition=Q(person__isnull=False, group__isnull=True, client__isnull=True)
                | Q(person__isnull=True, group__isnull=False, client__isnull=True)
                | Q(person__isnull=True, group__isnull=True, client__isnull=False),
                name="access_entitlement_one_holder",
            ),
            models.UniqueConstraint(
                fields=["resource", "level", "person", "group", "client"],
                nulls_distinct=False,
                condition=NOT_ENDED,
                name="access_entitlement_once",
                violation_error_message="This is granted already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder} may {self.level} {self.resource}"

    @property
    def holder(self) -> str:
        return service_words(self.client) if self.client else str(self.person or self.group)

    @property
    def value(self) -> str:
        """The text that stands in Keycloak and in tokens."""
        return value_of(self.resource, self.level)

    @property
    def address(self) -> Address:
        return Address(Kind.ENTITLEMENT, (*self._carrier, self.value))

    @property
    def _carrier(self) -> tuple[str, str]:
        if self.person:
            return "person", self.person.username
        if self.group:
            return "group", self.group.path
        assert self.client is not None  # a constraint of the table
        return "client", self.client.at.path[0]


ADDRESSED = ("person__username", "group__path", "client__address") + (
    "resource__type__name",
    "resource__name",
    "level",
)
"""The columns of a grant that make its address: queries of many grants read these alone."""


def address_from(row: Mapping[str, Any]) -> Address:
    """Return the address of a grant from its `ADDRESSED` columns."""
    username, path, client, kind, name, level = (row[column] for column in ADDRESSED)
    carrier = ("person", username) if username is not None else ("group", path)
    if client is not None:
        carrier = ("client", Address.parse(client).path[0])
    return Address(Kind.ENTITLEMENT, (*carrier, f"{kind}:{name}:{level}"))


def held_by(carrier: str, owner: str) -> dict[str, str]:
    """Return the condition of being a grant to this person, group or account, as addresses name it."""
    if carrier == Kind.CLIENT:
        return {"client__address": Address(Kind.CLIENT, (owner,)).key}
    return {"person__username" if carrier == Kind.PERSON else "group__path": owner}


def value_of(resource: Resource, level: str) -> str:
    """Return the text of a level of a resource: `package:demo:READ`, for every package `package:*:READ`."""
    return f"{resource.key}:{level}"


def service_words(client: Declaration | None) -> str:
    """Return what people call a client's service account."""
    return f"service account {client.at.path[0]}" if client else ""
