"""A choice out of many thousands: only what is chosen stands in the page, the rest is searched for."""

from typing import Any

from django import forms
from django.forms.models import ModelChoiceIterator


class Picker(forms.SelectMultiple):
    """A select that a script turns into a search box. `data-options` is the address that it asks."""

    template_name = "components/widgets/picker.html"

    def __init__(
        self, *, options_url: str, placeholder: str = "", attrs: dict[str, Any] | None = None
    ) -> None:
        super().__init__(attrs={"data-options": options_url, "placeholder": placeholder, **(attrs or {})})

    def optgroups(self, name: str, value: list[Any], attrs: dict[str, Any] | None = None) -> list[Any]:
        """Return the chosen options only, with one query."""
        chosen = [one for one in value if str(one).isdigit()]
        if isinstance(self.choices, ModelChoiceIterator):
            rows, named = self.choices.queryset.filter(pk__in=chosen), self.choices.field.label_from_instance
            kept, self.choices = self.choices, [(row.pk, named(row)) for row in rows]
            try:
                return super().optgroups(name, value, attrs)
            finally:
                self.choices = kept
        return super().optgroups(name, value, attrs)
