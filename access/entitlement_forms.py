"""The forms of entitlements: types, resources with owners, names, and grants."""

from typing import Any

from django import forms

from access.forms import TenantForm, accounts_field, groups_field, people_field
from access.models import EntitlementType, NamedEntitlement, Resource
from access.models.entitlements import PART
from access.period_fields import PeriodFields, last
from access.services.accounts import accounts_in
from console.web.forms import Segmented


class LevelsForm(TenantForm):
    """The levels of a type, and what it is about."""

    levels = forms.CharField(
        max_length=400,
        help_text="Weakest first, with commas between: READ, WRITE. A level includes those before it.",
    )
    description = forms.CharField(max_length=255, required=False)

    def clean_levels(self) -> list[str]:
        levels = [level.strip() for level in self.cleaned_data["levels"].split(",") if level.strip()]
        for level in levels:
            PART(level)
        if not levels or len(levels) > 12:
            raise forms.ValidationError("Give one to twelve levels.")
        if len(set(levels)) != len(levels):
            raise forms.ValidationError("A level stands twice.")
        if any(len(level) > 40 for level in levels):
            raise forms.ValidationError("A level has at most 40 characters.")
        return levels


class EntitlementTypeForm(LevelsForm):
    """A kind of thing that one may be entitled to."""

    name = forms.CharField(max_length=80, validators=[PART], help_text="For example package or database.")
    field_order = ("name",)


class EntitlementTypeEditForm(LevelsForm):
    """Another description, and levels more or less; the name stands in tokens, and stays."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["levels"].help_text = (
            "Weakest first, with commas between. Those that are here keep their order; one with names or"
            " grants stays. A new one gets a name with its first grant, or by New entitlement."
        )


class OwnersForm(TenantForm):
    """Who owns a resource. Service accounts are offered where the tenant has some."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"] = people_field(self)
        self.fields["people"].label = "Owners"
        self.fields["people"].required = False
        self.fields[
            "people"
        ].help_text = "An owner may do with it what its entitlements allow, without holding one."
        _add_accounts(self, label="Service accounts that own it")


class ResourceForm(OwnersForm):
    """One thing of a type."""

    type = forms.ModelChoiceField(queryset=EntitlementType.objects.none(), empty_label=None)
    name = forms.CharField(
        max_length=80,
        validators=[PART],
        help_text="For example demo. It stands in tokens. Each level gets a name, such as demo-ro.",
    )
    description = forms.CharField(max_length=255, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = EntitlementType.objects.of(self.tenant).order_by("name")
        self.fields["type"].queryset = types  # type: ignore[attr-defined]
        if not types.exists():
            self.fields["type"].help_text = "There is no type yet. Make one first, with its levels."


class ResourceEditForm(OwnersForm):
    """Another description and other owners; type and name stand in tokens, and stay."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    description = forms.CharField(max_length=255, required=False)


ONE, EVERY = "one", "every"
NOBODY = "Choose at least one person, group or service account."


class NamedForm(TenantForm):
    """A level of one resource, or of every resource of a type, by a name."""

    type = forms.ModelChoiceField(queryset=EntitlementType.objects.none(), empty_label=None)
    reach = forms.ChoiceField(
        label="Of",
        choices=((ONE, "One resource"), (EVERY, "Every resource of the type (*)")),
        initial=ONE,
        widget=Segmented,
        help_text="Every: those that are there, and all that come later.",
    )
    resource = forms.ModelChoiceField(queryset=Resource.objects.none(), required=False, empty_label="None")
    level = forms.ChoiceField(help_text="One of the levels of the type.")
    name = forms.CharField(
        max_length=80,
        required=False,
        validators=[PART],
        help_text="Unique in the realm. Empty: proposed from resource and level, such as demo-ro.",
    )
    description = forms.CharField(max_length=255, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = EntitlementType.objects.of(self.tenant).order_by("name")
        things = Resource.objects.of(self.tenant).single().select_related("type")
        self.fields["type"].queryset = types  # type: ignore[attr-defined]
        self.fields["resource"].queryset = things.order_by("type__name", "name")  # type: ignore[attr-defined]
        levels = dict.fromkeys(level for one in types for level in one.levels)
        self.fields["level"].choices = [(one, one) for one in levels]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        kind, thing, level = values.get("type"), values.get("resource"), values.get("level")
        if values.get("reach") == ONE and thing is None:
            self.add_error("resource", "Choose a resource, or every resource of the type.")
        if values.get("reach") == ONE and thing and kind and thing.type_id != kind.pk:
            self.add_error("resource", f"This is no {kind.name}.")
        if kind and level and level not in kind.levels:
            self.add_error("level", f"{kind.name} has the levels {', '.join(kind.levels)}.")
        return values


class NamedEditForm(TenantForm):
    """Another name or description; what stands in tokens stays."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(max_length=80, validators=[PART], help_text="Unique in the realm.")
    description = forms.CharField(max_length=255, required=False)


class GrantForm(PeriodFields, TenantForm):
    """A named entitlement, for people, groups and service accounts, and for which time."""

    entitlement = forms.ModelChoiceField(queryset=NamedEntitlement.objects.none(), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = NamedEntitlement.objects.of(self.tenant).select_related("resource__type").order_by("name")
        field = self.fields["entitlement"] = NamedField(queryset=rows, empty_label=None)
        if not rows.exists():
            field.help_text = "There is no entitlement yet. Make a type and a resource first."
        for side, maker in (("people", people_field), ("groups", groups_field)):
            self.fields[side] = maker(self)
            self.fields[side].required = False
        _add_accounts(self, label="Service accounts")
        last(self)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not any(values.get(side) for side in ("people", "groups", "clients")):
            self.add_error("people", NOBODY)
        return values

    def ids(self, side: str) -> list[int]:
        """Return the chosen ids of one side, in order."""
        return sorted(row.pk for row in self.cleaned_data.get(side) or ())


class NamedField(forms.ModelChoiceField):
    """Entitlements by name, with what they stand for."""

    def label_from_instance(self, obj: Any) -> str:
        every = " (*)" if obj.resource.is_every else ""
        return f"{obj.name}: {obj.resource}{every}, {obj.level}"


def _add_accounts(form: TenantForm, *, label: str) -> None:
    if not accounts_in(form.tenant).exists():
        return
    form.fields["clients"] = accounts_field(form)
    form.fields["clients"].label = label
    form.fields["clients"].required = False
