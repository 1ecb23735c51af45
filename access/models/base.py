"""What every declared thing has: its realm, a revision for two editors, and who declared it."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from console.timed import Timed
from tenants.models import Realm

FORBIDDEN_IN_NAMES = "/|\\?#%;<>\"'`{}[]^"


def is_plain_name(value: str) -> None:
    """Refuse what could be read as a path or as markup. Raises ValidationError with the reason."""
    if value != value.strip():
        raise ValidationError("A name cannot begin or end with a space.")
    if not value.isprintable():
        raise ValidationError("A name cannot hold control or invisible characters.")
    if value.strip(".") == "":
        raise ValidationError("A name cannot consist of dots only.")
    found = sorted({character for character in value if character in FORBIDDEN_IN_NAMES})
    if found:
        raise ValidationError(f"A name cannot hold {' '.join(found)}")


class Declared(models.Model):
    """Something of a realm with a name of its own."""

    realm = models.ForeignKey(Realm, on_delete=models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.CharField(max_length=255)

    class Meta:
        abstract = True


class Link(models.Model):
    """A grant between two things: since when, by whom and why."""

    realm = models.ForeignKey(Realm, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.CharField(max_length=255)
    reason = models.TextField(blank=True)

    class Meta:
        abstract = True
        ordering: ClassVar = []


class TimedLink(Link, Timed):
    """A grant that may begin later and end by itself. Only while it is in force is it declared.

    `given_in` is the share in which it was planned, "" for a realm's own tenant: when it begins, both ends
    must still be that share's. `why_not` says why it did not begin; then it has ended instead.
    """

    given_in = models.CharField(max_length=63, blank=True, default="", db_default="")
    why_not = models.CharField(max_length=600, blank=True, default="", db_default="")

    class Meta(Timed.Meta):
        abstract = True
        ordering: ClassVar = []
