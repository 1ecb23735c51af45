"""Views of the matrix that somebody keeps: an address under a name, for oneself or for all of the tenant."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from console.identity.actor import Actor
from tenants.models import Tenant


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def of(self, tenant: Tenant) -> "SavedViewQuerySet":
        return self.filter(tenant=tenant)

    def visible_to(self, actor: Actor) -> "SavedViewQuerySet":
        """Return one's own and those that are shared, without what was dropped."""
        return self.filter(Q(owner_key=actor.key) | Q(is_shared=True), dropped_at=None)


class SavedView(models.Model):
    """What the address of a matrix asked for. A dropped one is kept, so that dropping can be undone."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.TextField(blank=True)
    is_shared = models.BooleanField(default=False)
    owner_key = models.CharField(max_length=255)
    owner_name = models.CharField(max_length=255)
    created_at = models.DateTimeField(default=timezone.now)
    dropped_at = models.DateTimeField(null=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "owner_key", "name"],
                condition=Q(dropped_at=None),
                name="access_saved_view_once",
                violation_error_message="You have a view of this name.",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="access_saved_view_has_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        base = reverse("access:matrix", kwargs={"tenant": self.tenant.slug})
        return f"{base}?{self.query}" if self.query else base
