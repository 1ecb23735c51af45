"""Why and until when a difference is left alone, and how often a realm is checked."""

from datetime import datetime, time, timedelta

from django import forms
from django.utils import timezone

from console.web.forms import Form

WEEKS = 4
INTERVALS = (
    (0, "On demand only"),
    (15, "Every 15 minutes"),
    (60, "Every hour"),
    (240, "Every 4 hours"),
    (1440, "Every day"),
    (10080, "Every week"),
)


class IgnoreForm(Form):
    """A reason and a day. The difference is shown again after it, or when its value changes."""

    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept in the audit log and shown beside the item.",
    )
    until = forms.DateField(
        label="Ignore until",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="The end of this day, UTC. It comes back earlier if its value changes again.",
    )

    @staticmethod
    def first_values() -> dict[str, object]:
        return {"until": (timezone.now() + timedelta(weeks=WEEKS)).date().isoformat()}

    @property
    def moment(self) -> str:
        """The end of the chosen day."""
        return datetime.combine(
            self.cleaned_data["until"], time(23, 59), tzinfo=timezone.now().tzinfo
        ).isoformat()


class ScheduleForm(Form):
    """The interval of the full checks of one realm."""

    every_minutes = forms.TypedChoiceField(
        label="Full check",
        coerce=int,
        choices=INTERVALS,
        help_text="Reads the whole realm and compares it. Some chance is added, so that realms take turns.",
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)
