"""What is asked before a plan is applied."""

from django import forms

from console.web.forms import Form


class ApplyForm(Form):
    """Reason and ticket, written last, right above the button."""

    reason = forms.CharField(
        max_length=1000,
        required=False,
        label="Reason",
        widget=forms.TextInput(attrs={"placeholder": "Why is this changed?", "autocomplete": "off"}),
    )
    ticket = forms.CharField(max_length=64, required=False, label="Ticket")
