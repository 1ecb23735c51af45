"""Where desired state is brought to Keycloak: servers, scopes, plans, runs, the ledger."""

import uuid
from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from console.engine.stops import Stop
from console.keycloak.connection import Connection
from console.keycloak.secrets import Secret
from console.seal import seal, unseal
from console.sync import server_address
from console.sync.times import MOST_ATTEMPTS

NAME = RegexValidator(
    r"\A[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z", "Use a-z, 0-9 and hyphens, at most 63 characters."
)


class KeycloakServer(models.Model):
    """One Keycloak server and the service client that we use there."""

    name = models.CharField(max_length=63, unique=True, validators=[NAME])
    url = models.URLField(max_length=500)
    client_id = models.CharField(max_length=255)
    sealed_secret = models.TextField()
    version = models.CharField(max_length=32, blank=True)
    checked_at = models.DateTimeField(null=True)
    is_reachable = models.BooleanField(default=False)
    sentence = models.CharField(max_length=500, blank=True)
    answer_ms = models.PositiveIntegerField(null=True)
    revision = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.name

    @property
    def _seal_context(self) -> str:
        # Bound to the origin: with another address the kept secret must not be sent there.
        return f"server|{self.url.rstrip('/')}|{self.client_id}"

    def keep_secret(self, secret: str) -> None:
        self.sealed_secret = seal(secret, context=self._seal_context)

    def connection(self) -> Connection:
        """Return how to reach this server.

        Raises CannotOpen when the secret no longer opens, or the address leads to where we must not go.
        """
        server_address.require(self.url)
        secret = Secret(unseal(self.sealed_secret, context=self._seal_context))
        return Connection(url=self.url.rstrip("/"), client_id=self.client_id, client_secret=secret)


class Circuit(models.Model):
    """What all processes together know about a server that does not answer. Open: nobody asks it until
    `retry_at`, and then one.
    """

    server = models.OneToOneField(
        KeycloakServer, primary_key=True, on_delete=models.CASCADE, related_name="circuit"
    )
    failures = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    looks = models.PositiveIntegerField(default=0)
    look_until = models.DateTimeField(null=True)
    sentence = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(opened_at__isnull=True, retry_at__isnull=True)
                | Q(opened_at__isnull=False, retry_at__isnull=False),
                name="sync_circuit_open_paired",
            )
        ]

    def __str__(self) -> str:
        return f"{self.server} {'does not answer' if self.is_open else 'answers'}"

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None


class Scope(models.Model):
    """One realm of one server: the unit of sync, locking and status. What is observed is never written."""

    class Mode(models.TextChoices):
        MANAGED = "managed", "Managed"
        OBSERVED = "observed", "Observed"

    server = models.ForeignKey(KeycloakServer, on_delete=models.PROTECT, related_name="scopes")
    realm = models.CharField(max_length=63, validators=[NAME])
    generation = models.PositiveBigIntegerField(default=0)
    applied_generation = models.PositiveBigIntegerField(default=0)
    read_at = models.DateTimeField(null=True)
    unreadable = models.JSONField(default=dict)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    next_read_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    mode = models.CharField(max_length=16, choices=Mode.choices, default=Mode.MANAGED)
    # Asked for by somebody: a run stops before its next batch, and none begins.
    is_paused = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["server", "realm"],
                name="sync_scope_one_per_realm",
                violation_error_message="This realm of this server is already managed here.",
            ),
            models.CheckConstraint(
                condition=Q(mode__in=["managed", "observed"]), name="sync_scope_mode_known"
            ),
            models.CheckConstraint(
                condition=Q(applied_generation__lte=F("generation")),
                name="sync_scope_applied_not_ahead",
            ),
            models.CheckConstraint(
                condition=Q(lease_token__isnull=True, lease_until__isnull=True)
                | Q(lease_token__isnull=False, lease_until__isnull=False),
                name="sync_scope_lease_paired",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.server.name}/{self.realm}"

    @property
    def is_observed(self) -> bool:
        return self.mode == self.Mode.OBSERVED

    @property
    def is_pending(self) -> bool:
        return self.generation > self.applied_generation


class Plan(models.Model):
    """A stored preview: the input of a change, what it would do, and the digest of what was seen."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        APPLIED = "applied", "Applied"
        DISCARDED = "discarded", "Discarded"
        STALE = "stale", "Out of date"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    scope = models.ForeignKey(Scope, null=True, on_delete=models.SET_NULL, related_name="plans")
    scope_name = models.CharField(max_length=255)
    tenant = models.CharField(max_length=64, blank=True)
    title = models.CharField(max_length=300)
    command = models.CharField(max_length=64)
    values = models.JSONField()
    back = models.CharField(max_length=500, blank=True)
    actor_key = models.CharField(max_length=255)
    actor_name = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    fingerprints = models.JSONField(default=list)
    targets = models.JSONField(default=list)
    # The first operations are shown; how many there are stands in `counts`: [phase, kind, action, count].
    operations = models.JSONField(default=list)
    size = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=list)
    unchanged = models.JSONField(default=list)
    findings = models.JSONField(default=list)
    # What the guard holds back; whoever applies the plan confirms it with a reason.
    stops = models.JSONField(default=list)
    # What the services have to say of it beside its operations: [sentence, what follows from it].
    notes = models.JSONField(default=list)
    # What becomes different here where nothing is written there: {rows, count, left}, see console.sync.here.
    here = models.JSONField(default=dict)
    # The rights that the change itself asks for: [permission, tenant].
    needs = models.JSONField(default=list)
    impact = models.JSONField(default=dict)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    reason = models.TextField(blank=True)
    ticket = models.CharField(max_length=64, blank=True)
    applied_at = models.DateTimeField(null=True)
    applied_by = models.CharField(max_length=255, blank=True)
    undo_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="undone_by")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(applied_at__isnull=True, applied_by="")
                | (Q(applied_at__isnull=False) & ~Q(applied_by="")),
                name="sync_plan_applied_paired",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("sync:plan-detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def held(self) -> tuple[Stop, ...]:
        """What the guard holds back of this plan."""
        return tuple(Stop.from_json(row) for row in self.stops)

    @property
    def short_digest(self) -> str:
        return f"{self.digest[:4]} {self.digest[4:8]}"


class Touched(models.Model):
    """An address that a change touched and no run has applied yet. Deletions stand here too."""

    scope = models.ForeignKey(Scope, on_delete=models.CASCADE, related_name="touched")
    address = models.CharField(max_length=900)
    was = models.CharField(max_length=900, blank=True)
    generation = models.PositiveBigIntegerField()
    plan = models.ForeignKey(Plan, null=True, on_delete=models.SET_NULL, related_name="touched")
    sentence = models.TextField(blank=True)
    is_blocked = models.BooleanField(default=False)
    # Rows of one plan with the same part belong together, and fail alone. Without one the plan stands whole.
    part = models.CharField(max_length=300, blank=True, default="")
    # Blocked, failed for good or dead: left alone until somebody retries or plans anew; others go on.
    is_set_aside = models.BooleanField(default=False)
    # Its write was sent and nobody could say yet whether it landed: the next run reads it back.
    is_unknown = models.BooleanField(default=False)
    # How often it failed by its own fault. That a server is away is not counted.
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "address"], name="sync_touched_once")
        ]

    def __str__(self) -> str:
        return self.address

    @property
    def word(self) -> str:
        """Return the status word of what stopped it, "" for what only waits for a worker."""
        if self.is_blocked:
            return "blocked"
        if self.is_set_aside:
            return "dead" if self.attempts >= MOST_ATTEMPTS else "failed"
        if self.is_unknown:
            return "unknown"
        return "failed" if self.sentence else ""


class LedgerEntry(models.Model):
    """What we applied, with Keycloak's id. Only what stands here may ever be deleted by us."""

    scope = models.ForeignKey(Scope, on_delete=models.CASCADE, related_name="ledger")
    address = models.CharField(max_length=900)
    keycloak_id = models.CharField(max_length=64, blank=True)
    fields = models.JSONField(default=dict)
    applied_at = models.DateTimeField()
    # Created by us, and not adopted: what Keycloak put there along with it was nobody's before.
    is_made = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "address"], name="sync_ledger_once")
        ]

    def __str__(self) -> str:
        return self.address


class Observed(models.Model):
    """What Keycloak held when it was last read. Kept so that pages never wait on Keycloak."""

    scope = models.ForeignKey(Scope, on_delete=models.CASCADE, related_name="observed")
    address = models.CharField(max_length=900)
    kind = models.CharField(max_length=32)
    owner = models.CharField(max_length=700, blank=True)
    target = models.CharField(max_length=700, blank=True)
    keycloak_id = models.CharField(max_length=64, blank=True)
    fields = models.JSONField(default=dict)
    read_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "address"], name="sync_observed_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["scope", "kind", "owner"], name="sync_observed_owner"),
            models.Index(fields=["scope", "kind", "target"], name="sync_observed_target"),
        ]

    def __str__(self) -> str:
        return self.address


class Run(models.Model):
    """One attempt of a worker to bring a scope to its desired state."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        BLOCKED = "blocked", "Blocked"
        UNKNOWN = "unknown", "Unknown"
        DEAD = "dead", "Given up"
        LOST = "lost", "Taken over"
        PAUSED = "paused", "Paused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    scope = models.ForeignKey(Scope, on_delete=models.CASCADE, related_name="runs")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.RUNNING)
    sentence = models.TextField(blank=True)
    generation = models.PositiveBigIntegerField()
    # Operations, and the parts that they belong to. `done` grows while the run writes.
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    parts = models.PositiveIntegerField(default=0)
    parts_done = models.PositiveIntegerField(default=0)
    parts_failed = models.PositiveIntegerField(default=0)
    calls = models.PositiveIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.scope} {self.started_at:%Y-%m-%d %H:%M:%S}"


class Step(models.Model):
    """One operation of a run: written as intent before the call, completed after it."""

    class State(models.TextChoices):
        INTENDED = "intended", "Intended"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        UNKNOWN = "unknown", "Unknown"

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveIntegerField()
    address = models.CharField(max_length=900)
    action = models.CharField(max_length=16)
    phase = models.PositiveSmallIntegerField()
    words = models.CharField(max_length=600)
    state = models.CharField(max_length=16, choices=State.choices, default=State.INTENDED)
    sentence = models.TextField(blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    plan_id = models.UUIDField(null=True)
    part = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "number"], name="sync_step_number_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["plan_id"], condition=Q(plan_id__isnull=False), name="sync_step_plan"),
        ]

    def __str__(self) -> str:
        return self.words


# Django finds models here; those of drift stand in a module of their own.
from console.sync.drift.models import Accepted, DriftItem, Watch  # noqa: E402, F401
