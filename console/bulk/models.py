"""A change with many rows: where it came from, how far it is, and its rows. Deleted after thirty days."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils import timezone

from console.sync.models import Plan

KEPT = timedelta(days=30)


class BulkJob(models.Model):
    """One file or one selection on its way to a plan, and beyond."""

    class Kind(models.TextChoices):
        PEOPLE = "people", "People"
        ASSIGNMENTS = "assignments", "Assignments"
        SELECTION = "selection", "Selection"
        CHANGE = "change", "Large change"

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Columns to be named"
        CHECKING = "checking", "Being checked"
        CHECKED = "checked", "Checked, nothing to apply"
        READY = "ready", "Plan ready"
        APPLYING = "applying", "Being kept"
        APPLIED = "applied", "Applied"
        FAILED = "failed", "Stopped"
        CANCELLED = "cancelled", "Cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    tenant = models.CharField(max_length=64)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    title = models.CharField(max_length=300)
    file_name = models.CharField(max_length=255, blank=True)
    encoding = models.CharField(max_length=32, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    columns = models.JSONField(default=list)
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=16, choices=State.choices, default=State.UPLOADED)
    sentence = models.TextField(blank=True)
    stage = models.CharField(max_length=64, blank=True)
    stage_since = models.DateTimeField(null=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    found = models.JSONField(default=dict)
    plan = models.ForeignKey(Plan, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_key = models.CharField(max_length=255)
    actor_name = models.CharField(max_length=255)
    reason = models.TextField(blank=True)
    ticket = models.CharField(max_length=64, blank=True)
    confirmed = models.CharField(max_length=255, blank=True)
    # Each order to a worker has a number: one that was overtaken does nothing more.
    order = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["tenant", "-created_at"], name="bulk_job_newest")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("access:bulk-detail", kwargs={"tenant": self.tenant, "pk": self.pk})

    @property
    def is_busy(self) -> bool:
        """Whether a worker has it, or will."""
        return self.state in (self.State.CHECKING, self.State.APPLYING)

    @property
    def has_rows(self) -> bool:
        """Whether it is made of rows; else it is one change that a service does, named in its options."""
        return self.kind != self.Kind.CHANGE

    @property
    def is_settled(self) -> bool:
        """Whether it was given up, or was applied: it is not checked again."""
        return self.state in (self.State.APPLIED, self.State.CANCELLED)

    @property
    def row_count(self) -> int:
        return sum(self.found.get("counts", {}).values())

    @property
    def applied_count(self) -> int:
        """How many rows ask for something."""
        counts = self.found.get("counts", {})
        return int(counts.get("create", 0) + counts.get("change", 0))

    @property
    def deleted_at(self) -> datetime:
        return self.created_at + KEPT


class BulkFile(models.Model):
    """The file of a job as text, apart from it: it may be large. It goes once nobody reads it any more."""

    job = models.OneToOneField(BulkJob, on_delete=models.CASCADE, related_name="file")
    text = models.TextField()

    def __str__(self) -> str:
        return self.job.file_name


class BulkRow(models.Model):
    """One row: what was written, what it asks for, and what was found about it."""

    class Outcome(models.TextChoices):
        CREATE = "create", "New"
        CHANGE = "change", "Changed"
        UNCHANGED = "unchanged", "Unchanged"
        LEFT_OUT = "left-out", "Left out"
        ERROR = "error", "Not possible"

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    # Whom the row is about; what is waiting for Keycloak carries the same word.
    part = models.CharField(max_length=300, blank=True)
    cells = models.JSONField(default=list)
    wish = models.JSONField(default=dict)
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    errors = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["job", "line"], name="bulk_row_once_a_line")]
        indexes: ClassVar = [models.Index(fields=["job", "part"], name="bulk_row_part")]

    def __str__(self) -> str:
        return f"line {self.line}"


class ColumnNames(models.Model):
    """Which column means what, as it was last said in a tenant: a proposal for the next file."""

    tenant = models.CharField(max_length=64)
    kind = models.CharField(max_length=16, choices=BulkJob.Kind.choices)
    fields = models.JSONField(default=dict)
    options = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "kind"], name="bulk_column_names_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.tenant}"
