"""What is asked before a plan is applied."""

from collections.abc import Sequence
from typing import Any

from django import forms

from console.engine.stops import Stop
from console.sync import confirming
from console.web.forms import Form


class ApplyForm(Form):
    """Reason and ticket, written last, right above the button; for the worst stops a name, too."""

    field_order = ("confirmed", "reason", "ticket")
    reason = forms.CharField(
        max_length=1000,
        required=False,
        label="Reason",
        widget=forms.TextInput(attrs={"placeholder": "Why is this changed?", "autocomplete": "off"}),
    )
    ticket = forms.CharField(max_length=64, required=False, label="Ticket")
    confirmed = forms.CharField(
        max_length=255, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, stops: Sequence[Stop] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stops = stops
        self.name = confirming.name_to_type(stops)
        if self.name:
            self.fields["confirmed"].label = f"Type {self.name} to confirm"
        else:
            del self.fields["confirmed"]
        if stops:
            placeholder = "Why must this be? It is kept with the plan and in the audit log."
            self.fields["reason"].widget.attrs["placeholder"] = placeholder

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        typed = {"reason": values.get("reason", ""), "name": values.get("confirmed", "")}
        for field, sentence in confirming.missing(self.stops, **typed).items():
            if field not in self.errors:
                self.add_error(field, sentence)
        return values
