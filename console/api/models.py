"""What was answered to a request with an idempotency key, so that a repeat gets the same answer."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from console.identity.models import ApiToken


class KeptAnswer(models.Model):
    """One key of one token. Without a status the request is still at work."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="kept_answers")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["token", "key"], name="api_answer_once_a_key"),
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="api_answer_age")]

    def __str__(self) -> str:
        return self.key
