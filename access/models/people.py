"""People, the groups they are in, and the roles given to them directly."""

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse

from access.models.base import Declared, TimedLink
from access.models.groups import Group
from access.models.roles import Role
from access.querysets import PersonQuerySet
from console.engine.state import Address, Kind
from console.timed import NOT_ENDED

USERNAME = RegexValidator(
    r"\A[a-z0-9](?:[a-z0-9._@+-]{0,126}[a-z0-9])?\Z",
    "Use small letters, digits and . _ @ + - (Keycloak keeps user names in small letters).",
)


class Person(Declared):
    """A person who signs in to this realm."""

    username = models.CharField(max_length=128, validators=[USERNAME])
    email = models.EmailField(max_length=254, blank=True)
    first_name = models.CharField(max_length=120, blank=True)
    last_name = models.CharField(max_length=120, blank=True)
    enabled = models.BooleanField(default=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["realm", "username"],
                name="access_person_username_once",
                violation_error_message="Somebody with this user name exists in this realm.",
            ),
            models.UniqueConstraint(
                Lower("email"),
                "realm",
                condition=~models.Q(email=""),
                name="access_person_email_once",
                violation_error_message="Somebody with this e-mail exists in this realm.",
            ),
        ]
        indexes: ClassVar = [
            # The order of the matrix, with all that a page of it is found by: people are not sorted for it.
            models.Index(
                fields=["realm", "first_name", "last_name", "username"],
                include=["id", "enabled"],
                name="access_person_by_name",
            )
        ]

    def __str__(self) -> str:
        return self.full_name or self.username

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def address(self) -> Address:
        return Address(Kind.PERSON, (self.username,))

    def url(self, tenant: str) -> str:
        return reverse("access:person-detail", kwargs={"tenant": tenant, "pk": self.pk})


class Membership(TimedLink):
    """The person is in the group, and so in all groups above it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")

    class Meta(TimedLink.Meta):
        constraints: ClassVar = [
            *TimedLink.Meta.constraints,
            models.UniqueConstraint(
                fields=["person", "group"],
                condition=NOT_ENDED,
                name="access_membership_once",
                violation_error_message="The person is in this group already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.group}"

    @property
    def address(self) -> Address:
        return Address(Kind.MEMBERSHIP, (self.person.username, self.group.path))


class PersonRole(TimedLink):
    """The role is given to the person directly, not through a group."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="role_links")
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="person_links")

    class Meta(TimedLink.Meta):
        constraints: ClassVar = [
            *TimedLink.Meta.constraints,
            models.UniqueConstraint(
                fields=["person", "role"],
                condition=NOT_ENDED,
                name="access_person_role_once",
                violation_error_message="The person has this role already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} has {self.role}"

    @property
    def address(self) -> Address:
        return Address(Kind.PERSON_ROLE, (self.person.username, self.role.name))
