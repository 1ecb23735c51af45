"""The forms of the access side: strings into domain values, and nothing else."""

from typing import Any

from django import forms
from django.urls import reverse

from access.models import EntitlementType, Group, Person, Resource, Role
from access.models.base import is_plain_name
from access.models.entitlements import PART
from access.models.people import USERNAME
from console.web.forms import Form
from console.web.picker import Picker
from tenants.models import Tenant


class TenantForm(Form):
    """A form about one tenant's things."""

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        self.tenant = tenant
        super().__init__(*args, **kwargs)

    def options(self, kind: str) -> str:
        return reverse("access:options", kwargs={"tenant": self.tenant.slug, "kind": kind})


class RoleForm(TenantForm):
    """A role's name and description."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, initial=0)
    name = forms.CharField(
        max_length=200,
        strip=False,
        validators=[is_plain_name],
        help_text="As it stands in tokens. A later change of the name changes tokens too.",
    )
    description = forms.CharField(max_length=255, required=False, help_text="What the role is for.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.tenant.is_share:
            self.fields[
                "name"
            ].help_text = f"Begins with {self.tenant.role_prefix}: this tenant shares its realm."


class GroupForm(TenantForm):
    """A group's name, place and description."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, initial=0)
    name = forms.CharField(
        max_length=120, strip=False, validators=[is_plain_name], help_text="Unique among its neighbours."
    )
    parent = forms.ModelChoiceField(
        queryset=Group.objects.none(),
        required=False,
        empty_label="At the top",
        help_text="Its members get the roles of the groups above it, too.",
    )
    description = forms.CharField(max_length=255, required=False)

    def __init__(self, *args: Any, without: Group | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = Group.objects.of(self.tenant).order_by("path")
        if without is not None:
            groups = groups.exclude(pk=without.pk).exclude(path__startswith=f"{without.path}/")
        field = self.fields["parent"]
        field.queryset = groups  # type: ignore[attr-defined]
        if self.tenant.is_share:
            field.required = True
            field.empty_label = None  # type: ignore[attr-defined]


class PersonForm(TenantForm):
    """A new person."""

    username = forms.CharField(
        min_length=3,  # Keycloak's user profile asks for it
        max_length=128,
        strip=False,
        validators=[USERNAME],
        label="User name",
        help_text="Small letters. Cannot be changed later: it is the person's identity in tokens.",
    )
    email = forms.EmailField(max_length=254, required=False, label="E-mail")
    first_name = forms.CharField(max_length=120, required=False)
    last_name = forms.CharField(max_length=120, required=False)
    enabled = forms.BooleanField(required=False, initial=True, label="May sign in")

    def clean_email(self) -> str:
        """Return it in small letters, as Keycloak keeps it."""
        email: str = self.cleaned_data["email"]
        return email.lower()

    def clean_first_name(self) -> str:
        return printable(self.cleaned_data["first_name"])

    def clean_last_name(self) -> str:
        return printable(self.cleaned_data["last_name"])


class PersonEditForm(PersonForm):
    """A person who exists: the user name stays."""

    field_order = ("revision", "email", "first_name", "last_name", "enabled")
    username = None  # type: ignore[assignment]
    revision = forms.IntegerField(widget=forms.HiddenInput)


def printable(value: str) -> str:
    """Return a name without control characters. Raises ValidationError where there are any."""
    if not value.isprintable():
        raise forms.ValidationError("A name cannot hold control or invisible characters.")
    if set(value) & set('<>&"\\$%!#?§;*~/|^=[]{}()'):
        raise forms.ValidationError("Keycloak refuses these characters in the names of people.")
    return value


def people_field(form: TenantForm) -> forms.ModelMultipleChoiceField:
    return _many(Person.objects.of(form.tenant), form.options("people"), "People", "Search by name or e-mail")


def roles_field(form: TenantForm) -> forms.ModelMultipleChoiceField:
    return _many(Role.objects.of(form.tenant), form.options("roles"), "Roles", "Search roles")


def groups_field(form: TenantForm) -> forms.ModelMultipleChoiceField:
    return _many(Group.objects.of(form.tenant), form.options("groups"), "Groups", "Search groups")


def _many(rows: Any, url: str, label: str, placeholder: str) -> forms.ModelMultipleChoiceField:
    return forms.ModelMultipleChoiceField(
        queryset=rows,
        label=label,
        widget=Picker(options_url=url, placeholder=placeholder),
        error_messages={"required": f"Choose at least one of the {label.lower()}."},
    )


class LinkForm(TenantForm):
    """Choose people, groups or roles to be linked. The sides that the page already knows are left out."""

    def __init__(
        self, *args: Any, sides: tuple[str, ...], helps: dict[str, str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        makers = {
            "people": people_field,
            "roles": roles_field,
            "groups": groups_field,
            "children": roles_field,
        }
        for side in sides:
            self.fields[side] = makers[side](self)
            self.fields[side].help_text = (helps or {}).get(side, "")

    def ids(self, side: str) -> list[int]:
        """Return the chosen ids of one side, in order."""
        return sorted(row.pk for row in self.cleaned_data[side])


class EntitlementTypeForm(TenantForm):
    """A kind of thing that one may be entitled to."""

    name = forms.CharField(max_length=80, validators=[PART], help_text="For example package or database.")
    levels = forms.CharField(
        max_length=400, help_text="Weakest first, with commas between: READ, WRITE. They stand in tokens."
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


class ResourceForm(TenantForm):
    """One thing of a type."""

    type = forms.ModelChoiceField(queryset=EntitlementType.objects.none(), empty_label=None)
    name = forms.CharField(
        max_length=80, validators=[PART], help_text="For example demo. It stands in tokens."
    )
    description = forms.CharField(max_length=255, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = EntitlementType.objects.of(self.tenant).order_by("name")
        self.fields["type"].queryset = types  # type: ignore[attr-defined]
        if not types.exists():
            self.fields["type"].help_text = "There is no type yet. Make one first, with its levels."


class GrantForm(TenantForm):
    """A level of a resource, for people and groups."""

    resource = forms.ModelChoiceField(queryset=Resource.objects.none(), empty_label=None)
    level = forms.ChoiceField(help_text="One of the levels of the resource's type.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        resources = Resource.objects.of(self.tenant).select_related("type").order_by("type__name", "name")
        self.fields["resource"].queryset = resources  # type: ignore[attr-defined]
        if not resources.exists():
            self.fields["resource"].help_text = "There is no resource yet. Make a type and a resource first."
        self.fields["level"].choices = [(one, one) for one in _levels(self.tenant)]  # type: ignore[attr-defined]
        for side, maker in (("people", people_field), ("groups", groups_field)):
            self.fields[side] = maker(self)
            self.fields[side].required = False

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not values.get("people") and not values.get("groups"):
            self.add_error("people", "Choose at least one person or group.")
        thing, level = values.get("resource"), values.get("level")
        if thing and level and level not in thing.type.levels:
            self.add_error("level", f"{thing.type.name} has the levels {', '.join(thing.type.levels)}.")
        return values


def _levels(tenant: Tenant) -> list[str]:
    """Return every level of every type once, in the order of the types."""
    types = EntitlementType.objects.of(tenant).order_by("name").values_list("levels", flat=True)
    return list(dict.fromkeys(level for levels in types for level in levels))
