"""The forms of the access side: strings into domain values, and nothing else."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse

from access.models import Group, Person, Role
from access.models.base import is_plain_name
from access.models.people import USERNAME
from access.period_fields import PeriodFields, last
from access.services.accounts import accounts_in
from console.graph.catalogue import Family
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

    def __init__(self, *args: Any, families: Sequence[Family] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in families:
            self.fields[f"family_{one.key}"] = _family_box(one)

    @property
    def families(self) -> list[str]:
        """Return the keys of the families that are to be made with the person."""
        chosen = [name for name, value in self.cleaned_data.items() if name.startswith("family_") and value]
        return [name.removeprefix("family_") for name in chosen]

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


def _family_box(family: Family) -> forms.BooleanField:
    assert family.given is not None  # only those that a person gets are offered
    return forms.BooleanField(
        required=False,
        initial=family.made_with_person,
        label=f"{family.name}: {family.given.of('…')} and {len(family.roles) - 1} more roles",
        help_text=family.sets_off,
    )


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


def accounts_field(form: TenantForm) -> forms.ModelMultipleChoiceField:
    """Return a field for clients, which are called by their client ids."""
    field = AccountsField(
        queryset=accounts_in(form.tenant),
        label="Service accounts",
        widget=Picker(options_url=form.options("accounts"), placeholder="Search clients"),
        error_messages={"required": "Choose at least one of the service accounts."},
    )
    return field


class AccountsField(forms.ModelMultipleChoiceField):
    """Clients by their client ids."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.at.path[0])


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
            "clients": accounts_field,
        }
        for side in sides:
            self.fields[side] = makers[side](self)
            self.fields[side].help_text = (helps or {}).get(side, "")

    def ids(self, side: str) -> list[int]:
        """Return the chosen ids of one side, in order."""
        return sorted(row.pk for row in self.cleaned_data[side])


class GiveForm(PeriodFields, LinkForm):
    """Choose people, groups, roles or service accounts to be linked, and for which time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        last(self)
