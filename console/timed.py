"""What holds for a time only: from when, until when, and whether it holds now.

The state is stored and changed through the door alone, so what is declared never changes by a clock: a link
is declared while its state is `active`. `objects` are those; `every` are all, planned and ended ones too.
"""

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q


class Term(models.TextChoices):
    """Where something with a time stands. The names are stored: they stay."""

    PLANNED = "planned", "Begins later"
    ACTIVE = "active", "In force"
    ENDED = "ended", "Ended"


class InForce(models.Manager[Any]):
    """What has begun and not ended: the only things that are declared to Keycloak and to the graph."""

    def get_queryset(self) -> "models.QuerySet[Any]":
        return super().get_queryset().filter(state=Term.ACTIVE)


class Timed(models.Model):
    """Something that may have a beginning and an end. `turned_at` is when a worker began or ended it."""

    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(
        max_length=8, choices=Term.choices, default=Term.ACTIVE, db_default=Term.ACTIVE.value
    )
    turned_at = models.DateTimeField(null=True, blank=True)

    objects = InForce()
    every: ClassVar["models.Manager[Any]"] = models.Manager()

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="%(app_label)s_%(class)s_ends_after_it_starts",
                violation_error_message="The end lies before the beginning.",
            ),
            models.CheckConstraint(
                condition=Q(state=Term.ACTIVE)
                | Q(state=Term.PLANNED, starts_at__isnull=False)
                | Q(state=Term.ENDED, ends_at__isnull=False),
                name="%(app_label)s_%(class)s_state_has_its_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["ends_at"],
                condition=Q(state=Term.ACTIVE, ends_at__isnull=False),
                name="%(app_label)s_%(class)s_end",
            ),
            models.Index(
                fields=["starts_at"], condition=Q(state=Term.PLANNED), name="%(app_label)s_%(class)s_begin"
            ),
        ]

    @property
    def is_planned(self) -> bool:
        return self.state == Term.PLANNED

    def is_due(self, now: datetime) -> bool:
        """Tell whether a worker should begin or end this now."""
        if self.state == Term.PLANNED:
            return self.starts_at is not None and self.starts_at <= now
        return self.state == Term.ACTIVE and self.ends_at is not None and self.ends_at <= now


NOT_ENDED = ~Q(state=Term.ENDED)
