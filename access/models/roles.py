"""Realm roles, and which role includes which."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from access.models.base import Declared, Link, is_plain_name
from access.querysets import RoleQuerySet
from console.engine.state import Address, Kind


class Role(Declared):
    """A realm role."""

    name = models.CharField(max_length=200, validators=[is_plain_name])
    description = models.CharField(max_length=255, blank=True)

    objects = RoleQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["realm", "name"],
                name="access_role_name_once",
                violation_error_message="A role of this name exists in this realm.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> Address:
        return Address(Kind.ROLE, (self.name,))

    def url(self, tenant: str) -> str:
        return reverse("access:role-detail", kwargs={"tenant": tenant, "pk": self.pk})


class Composite(Link):
    """`parent` includes `child`: who has the first has the second."""

    parent = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="includes")
    child = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="included_in")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["parent", "child"],
                name="access_composite_once",
                violation_error_message="The role includes this one already.",
            ),
            models.CheckConstraint(
                condition=~Q(parent=F("child")),
                name="access_composite_not_itself",
                violation_error_message="A role cannot include itself.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parent} includes {self.child}"

    @property
    def address(self) -> Address:
        return Address(Kind.COMPOSITE, (self.parent.name, self.child.name))
