"""Entitlements: a level of use of one resource, granted to a person or to a group.

Types and resources live here only. A grant is carried to Keycloak as one value of the declared,
admin-only, multi-valued attribute `entitlements`, and from there into tokens.
"""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from access.models.base import Declared, Link
from access.models.groups import Group
from access.models.people import Person
from access.querysets import EntitlementTypeQuerySet, ResourceQuerySet
from console.engine.state import Address, Kind

PART = RegexValidator(
    r"\A[A-Za-z0-9](?:[A-Za-z0-9._-]{0,78}[A-Za-z0-9])?\Z",
    "Use letters, digits and . _ - (the name stands in tokens between colons).",
)


class EntitlementType(Declared):
    """A kind of thing that one may be entitled to, with its levels, weakest first."""

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
    """One thing of a type: the package `demo`, the database `trades`."""

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
        return f"{self.type.name} {self.name}"


class Entitlement(Link):
    """A grant: this person, or everybody in this group, may use the resource at this level."""

    resource = models.ForeignKey(Resource, on_delete=models.PROTECT, related_name="entitlements")
    level = models.CharField(max_length=40)
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="entitlements")
    group = models.ForeignKey(Group, null=True, on_delete=models.CASCADE, related_name="entitlements")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(person__isnull=True, group__isnull=False)
                | Q(person__isnull=False, group__isnull=True),
                name="access_entitlement_one_holder",
            ),
            models.UniqueConstraint(
                fields=["resource", "level", "person", "group"],
                nulls_distinct=False,
                name="access_entitlement_once",
                violation_error_message="This is granted already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder} may {self.level} {self.resource}"

    @property
    def holder(self) -> Person | Group | None:
        return self.person or self.group

    @property
    def value(self) -> str:
        """The text that stands in Keycloak and in tokens."""
        return f"{self.resource.type.name}:{self.resource.name}:{self.level}"

    @property
    def address(self) -> Address:
        owner = ("person", self.person.username) if self.person else ("group", self.group.path)  # type: ignore[union-attr]
        return Address(Kind.ENTITLEMENT, (*owner, self.value))
