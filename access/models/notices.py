"""Who was told of which end: nobody is told twice of the same."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from tenants.models import Realm


class Notice(models.Model):
    """A mail about the end of a grant. A renewed grant has another end, so it is told anew."""

    realm = models.ForeignKey(Realm, on_delete=models.PROTECT, related_name="+")
    sort = models.CharField(max_length=16)
    grant = models.BigIntegerField()
    ends_at = models.DateTimeField()
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sort", "grant", "ends_at"], name="access_notice_once"),
        ]

    def __str__(self) -> str:
        return f"{self.sort} {self.grant} until {self.ends_at}"
