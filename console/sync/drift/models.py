"""What full checks found, what was accepted as it stands, and when each realm is looked at again."""

import uuid
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

DAY = 24 * 60
EVERY_MINUTES = 60


class Standing(models.TextChoices):
    """Whose doing it is: ours and waits, a managed thing changed in Keycloak, or a foreign thing."""

    PENDING = "pending", "Waits"
    DRIFTED = "drifted", "Drifted"
    UNMANAGED = "unmanaged", "Not ours"


class Change(models.TextChoices):
    """What happened, seen from what is declared, applied or accepted."""

    ADDED = "added", "Added"
    CHANGED = "changed", "Changed"
    REMOVED = "removed", "Removed"
    RENAMED = "renamed", "Renamed"
    REPLACED = "replaced", "Replaced"


class Told(models.TextChoices):
    """Whether the admin events of Keycloak say who did it."""

    KNOWN = "known", "Known"
    OFF = "off", "Events are off"
    EXPIRED = "expired", "Events do not reach back"
    AMBIGUOUS = "ambiguous", "Could not be told"
    SILENT = "silent", "No event"
    UNREADABLE = "unreadable", "Events may not be read"


class Watch(models.Model):
    """How often a realm is checked, how the last check went, and which check runs now.

    `token` is of the check that runs; `beat_at` says that it still lives. Without a row a realm was
    never checked. `checked_at` is when the last check that succeeded began to read; `baseline_kinds` are
    the kinds of which foreign things are known since then.
    """

    scope = models.OneToOneField(
        "sync.Scope", on_delete=models.CASCADE, primary_key=True, related_name="watch"
    )
    every_minutes = models.PositiveIntegerField(
        default=EVERY_MINUTES, validators=[MinValueValidator(0), MaxValueValidator(30 * DAY)]
    )
    due_at = models.DateTimeField(null=True)
    baseline_kinds = models.JSONField(default=list)
    checked_at = models.DateTimeField(null=True)
    took_ms = models.PositiveIntegerField(null=True)
    looked_at = models.PositiveIntegerField(default=0)
    sentence = models.TextField(blank=True)
    unreadable = models.JSONField(default=dict)
    events_sentence = models.TextField(blank=True)
    asked_at = models.DateTimeField(null=True)
    token = models.UUIDField(null=True)
    started_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    stage = models.CharField(max_length=120, blank=True)
    revision = models.PositiveIntegerField(default=1)

    objects: ClassVar[models.Manager["Watch"]] = models.Manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(token__isnull=True, beat_at__isnull=True)
                | Q(token__isnull=False, beat_at__isnull=False),
                name="sync_watch_beat_paired",
            ),
        ]

    def __str__(self) -> str:
        return f"watch of {self.scope}"

    @property
    def interval(self) -> str:
        """How often the realm is checked, in words."""
        every = self.every_minutes
        if not every:
            return "on demand"
        for size, unit in ((DAY, "day"), (60, "hour"), (1, "minute")):
            if every % size == 0:
                count = every // size
                return f"every {unit}" if count == 1 else f"every {count} {unit}s"
        return f"every {every} minutes"


class Accepted(models.Model):
    """An unmanaged thing as it was accepted: the baseline. What differs from it is shown."""

    scope = models.ForeignKey("sync.Scope", on_delete=models.CASCADE, related_name="accepted")
    address = models.CharField(max_length=900)
    keycloak_id = models.CharField(max_length=64, blank=True)
    fields = models.JSONField(default=dict)
    accepted_at = models.DateTimeField()
    accepted_by = models.CharField(max_length=255, blank=True)

    objects: ClassVar[models.Manager["Accepted"]] = models.Manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "address"], name="sync_accepted_once")
        ]

    def __str__(self) -> str:
        return self.address


class DriftItem(models.Model):
    """One difference between what Keycloak holds and what is declared, applied or accepted.

    It stays the same row while it lasts. `since` is when the present value was first seen. An ignored
    item counts as open again when its `mark` changes or `ignored_until` passes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    scope = models.ForeignKey("sync.Scope", on_delete=models.CASCADE, related_name="drift")
    tenant = models.CharField(max_length=64, blank=True)
    address = models.CharField(max_length=900)
    kind = models.CharField(max_length=32)
    state = models.CharField(max_length=16, choices=Standing.choices)
    change = models.CharField(max_length=16, choices=Change.choices)
    risk = models.CharField(max_length=16)
    ours = models.JSONField(null=True)
    theirs = models.JSONField(null=True)
    applied = models.JSONField(null=True)
    stands_at = models.CharField(max_length=900, blank=True)
    keycloak_id = models.CharField(max_length=64, blank=True)
    along = models.JSONField(default=list)
    sentence = models.TextField(blank=True)
    may_push = models.BooleanField(default=False)
    mark = models.CharField(max_length=64)
    first_seen_at = models.DateTimeField()
    since = models.DateTimeField()
    seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_how = models.CharField(max_length=300, blank=True)
    told = models.CharField(max_length=16, choices=Told.choices, blank=True)
    by_name = models.CharField(max_length=255, blank=True)
    by_client = models.CharField(max_length=255, blank=True)
    by_address = models.CharField(max_length=64, blank=True)
    by_at = models.DateTimeField(null=True)
    by_sentence = models.TextField(blank=True)
    ignored_mark = models.CharField(max_length=64, blank=True)
    ignored_until = models.DateTimeField(null=True)
    ignored_reason = models.TextField(blank=True)
    ignored_by = models.CharField(max_length=255, blank=True)
    ignored_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["DriftItem"]] = models.Manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["scope", "address"],
                condition=Q(closed_at__isnull=True),
                name="sync_drift_open_once",
            ),
            models.CheckConstraint(
                condition=Q(ignored_mark="", ignored_until__isnull=True)
                | (Q(ignored_until__isnull=False) & ~Q(ignored_mark="") & ~Q(ignored_reason="")),
                name="sync_drift_ignored_with_reason_and_end",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["scope", "closed_at"], name="sync_drift_open"),
            models.Index(fields=["tenant", "closed_at"], name="sync_drift_tenant"),
        ]

    def __str__(self) -> str:
        return f"{self.address}: {self.get_change_display().lower()}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def is_ignored(self) -> bool:
        """Tell whether it is left alone: with the value that was ignored, and until the date."""
        if self.ignored_until is None or self.ignored_mark != self.mark:
            return False
        return self.ignored_until > timezone.now()
