"""The form of a new API token."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from console.api.services.tokens import LONGEST, carriable_by
from console.identity.actor import Actor
from console.permissions.vocabulary import Permission
from console.web.forms import Form
from tenants.models import Tenant

AREAS = {
    "access": "People, groups, roles, entitlements",
    "audit": "Audit",
    "console": "Overview",
    "sync": "Plans, runs, drift",
    "tenants": "Tenants, realms, servers",
}
USUAL = timedelta(days=90)


class Rights(forms.CheckboxSelectMultiple):
    """Many rights, under the words of their areas, in columns."""

    template_name = "api/rights.html"


class TokenForm(Form):
    """Name, rights, tenant and end. Only what the maker has herself is offered."""

    name = forms.CharField(label="Name", max_length=120, help_text="What uses it, so that others know it.")
    tenant = forms.ModelChoiceField(
        label="Tenant",
        queryset=Tenant.objects.none(),
        to_field_name="slug",
        required=False,
        empty_label="All tenants that you may act in",
        help_text="A token for one tenant says nothing about any other.",
    )
    expires_at = forms.DateField(
        label="Ends on",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="At the end of that day (UTC), a year from now at the latest.",
    )
    permissions = forms.MultipleChoiceField(
        label="Rights",
        widget=Rights,
        help_text="It never does more than you may at that moment.",
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.now().date()
        fields: dict[str, Any] = self.fields
        fields["tenant"].queryset = Tenant.objects.visible_to(actor).order_by("name", "slug")
        fields["permissions"].choices = grouped(carriable_by(actor))
        self.fields["expires_at"].initial = today + USUAL
        self.fields["expires_at"].widget.attrs.update(min=str(today), max=str(today + LONGEST))

    def clean_tenant(self) -> str:
        chosen: Tenant | None = self.cleaned_data["tenant"]
        return chosen.slug if chosen else ""

    def clean_expires_at(self) -> datetime:
        return datetime.combine(self.cleaned_data["expires_at"], time(23, 59, 59), tzinfo=UTC)


def grouped(permissions: tuple[Permission, ...]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the rights under the words of their areas."""
    areas = dict.fromkeys(one.area for one in permissions)
    return [
        (AREAS.get(area, area), [(one.value, one.sentence) for one in permissions if one.area == area])
        for area in areas
    ]
