"""The forms of role families."""

from typing import Any

from django import forms

from access.forms import TenantForm
from console.graph.catalogue import Family


class FamilyForm(TenantForm):
    """A new value of a role family's parameter, e.g. the name of a shared workspace."""

    value = forms.CharField(max_length=100, strip=False)

    def __init__(self, *args: Any, family: Family, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].label = family.parameter.capitalize()
        names = ", ".join(one.pattern.text for one in family.roles)
        self.fields["value"].help_text = f"Stands in the names of its roles: {names}"


class FamilyRemovalForm(TenantForm):
    """Whether the other roles of a family go, too."""

    everything = forms.BooleanField(required=False)

    def __init__(self, *args: Any, others: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not others:
            self.fields["everything"].widget = forms.HiddenInput()
        self.fields["everything"].label = "Delete the other roles, too"
        self.fields["everything"].help_text = ", ".join(others)
