"""What was worked out once and is kept: what each group, role and account effectively has.

`Moved` has a row for each statement that changed the structure of a realm (groups, what they and roles give,
scopes, service accounts; not what one person is in or has). Triggers of the database write them, so that no
writer can forget it. All rows of a realm together are its stamp: what was kept at another stamp is ignored.
"""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from console.sync.models import Scope


class Moved(models.Model):
    """The structure of a scope moved. Rows are added without waiting for one another, unlike a counter."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    # No foreign key: the trigger of a row that goes along with its scope writes here, too.
    scope = models.BigIntegerField()

    class Meta:
        db_table = "access_kept_moved"
        indexes: ClassVar = [models.Index(fields=["scope"], name="access_kept_moved_scope")]

    def __str__(self) -> str:
        return f"{self.scope} {self.id}"


class KeptStamp(models.Model):
    """At which stamp the kept closures of a scope were made, and what else of it bears on single people."""

    scope = models.OneToOneField(Scope, on_delete=models.CASCADE, related_name="+")
    stamp = models.CharField(max_length=32)
    around = models.JSONField(default=dict)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "access_kept_stamp"

    def __str__(self) -> str:
        return f"{self.scope} {self.stamp}"


class KeptClosure(models.Model):
    """What one group, role, service account, or everybody reaches, as texts."""

    scope = models.ForeignKey(Scope, on_delete=models.CASCADE, related_name="+")
    node = models.TextField()
    rights = ArrayField(models.TextField(), default=list)

    class Meta:
        db_table = "access_kept_closure"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "node"], name="access_kept_closure_once")
        ]

    def __str__(self) -> str:
        return self.node
