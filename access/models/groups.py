"""Groups, nested as deep as one likes, and the roles they give to everybody in them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse

from access.models.base import Declared, TimedLink, is_plain_name
from access.models.roles import Role
from access.querysets import GroupQuerySet
from console.engine.state import Address, Kind
from console.timed import NOT_ENDED


class Group(Declared):
    """A group. `path` holds the names from the top, joined with `/`: it is the group's address."""

    name = models.CharField(max_length=120, validators=[is_plain_name])
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    path = models.CharField(max_length=700)
    description = models.CharField(max_length=255, blank=True)

    objects = GroupQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["realm", "path"],
                name="access_group_path_once",
                violation_error_message="A group of this name exists here.",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=False) | Q(path=models.F("name")),
                name="access_group_top_path_is_name",
            ),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        """The path as people read it: `data / eng`."""
        return self.path.replace("/", " / ")

    @property
    def depth(self) -> int:
        return self.path.count("/")

    @property
    def address(self) -> Address:
        return Address(Kind.GROUP, (self.path,))

    def url(self, tenant: str) -> str:
        return reverse("access:group-detail", kwargs={"tenant": tenant, "pk": self.pk})


class GroupRole(TimedLink):
    """Everybody in the group, and in the groups below it, has the role."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="role_links")
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="group_links")

    class Meta(TimedLink.Meta):
        constraints: ClassVar = [
            *TimedLink.Meta.constraints,
            models.UniqueConstraint(
                fields=["group", "role"],
                condition=NOT_ENDED,
                name="access_group_role_once",
                violation_error_message="The group has this role already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} has {self.role}"

    @property
    def address(self) -> Address:
        return Address(Kind.GROUP_ROLE, (self.group.path, self.role.name))
