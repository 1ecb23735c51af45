"""The fields of a time on forms that give something: when it begins, how long it lasts, or until when."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone

BEGINS, LASTS, ENDS = "starts_at", "lasts", "ends_at"
ZONE = "UTC"
PAST = "This lies in the past. Leave it empty to begin at once."
PRESETS = {
    "8h": ("8 hours", timedelta(hours=8)),
    "1d": ("1 day", timedelta(days=1)),
    "7d": ("7 days", timedelta(days=7)),
    "30d": ("30 days", timedelta(days=30)),
    "90d": ("90 days", timedelta(days=90)),
    "365d": ("1 year", timedelta(days=365)),
}


def moment_field(label: str, help_text: str) -> forms.DateTimeField:
    """Return a field for a date and time in the zone that its help names."""
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(required=False, label=label, help_text=help_text, widget=widget)


def lasts_field(*, open_end: str = "No end, or the date below") -> forms.ChoiceField:
    """Return a field for how long something lasts."""
    choices = [("", open_end), *((key, words) for key, (words, _) in PRESETS.items())]
    return forms.ChoiceField(required=False, label="Lasts", choices=choices)


class PeriodFields(forms.Form):
    """The three fields, all optional: without them it begins at once and has no end."""

    starts_at = moment_field("Begins", f"Empty: as soon as it is applied. In {ZONE}.")
    lasts = lasts_field()
    ends_at = moment_field("Ends", f"Instead of how long it lasts. In {ZONE}.")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        self._period(values, now=timezone.now())
        return values

    def _period(self, values: dict[str, Any], *, now: datetime) -> None:
        starts, lasts = values.get(BEGINS), values.get(LASTS)
        if starts is not None and starts <= now:
            self.add_error(BEGINS, PAST)
        if lasts and values.get(ENDS) is not None:
            self.add_error(ENDS, "Choose how long it lasts, or a date, not both.")
        elif lasts:
            values[ENDS] = (starts or now) + PRESETS[lasts][1]
        ends = values.get(ENDS)
        if ends is not None and ends <= (starts or now):
            self.add_error(ENDS, "This lies before it begins." if starts else "This lies in the past.")

    @property
    def period(self) -> dict[str, str]:
        """Return what a command is told of the time: nothing where nothing was chosen."""
        chosen = {name: self.cleaned_data.get(name) for name in (BEGINS, ENDS)}
        return {name: moment.isoformat() for name, moment in chosen.items() if moment is not None}


def last(form: forms.Form) -> None:
    """Put the fields of the time behind all others."""
    form.order_fields(
        [*(name for name in form.fields if name not in (BEGINS, LASTS, ENDS)), BEGINS, LASTS, ENDS]
    )
