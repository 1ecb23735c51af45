"""Servers, tenants and the settings of their realms."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django import forms

from console.sync.commands import Refused
from console.sync.models import NAME, KeycloakServer
from console.web.forms import Form, Segmented
from tenants.desired import REALM_FIELDS
from tenants.models import SECONDS, Realm, Tenant
from tenants.validity import refuse_name


class ServerForm(Form):
    """A Keycloak server and the service client that we are there."""

    name = forms.CharField(max_length=63, validators=[NAME], help_text="Short, for example eu-1.")
    url = forms.URLField(
        max_length=500,
        assume_scheme="https",
        label="Address",
        help_text="Up to the context path, for example https://sso.example.org",
    )
    client_id = forms.CharField(
        max_length=255,
        label="Client id",
        initial="gatehouse-service",
        help_text="A confidential client of the realm master with a service account and create-realm.",
    )
    secret = forms.CharField(
        max_length=500,
        label="Client secret",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Kept encrypted, never shown again.",
    )

    def clean_url(self) -> str:
        """Return the address. Raises ValidationError for what is not the beginning of a Keycloak's paths."""
        url: str = self.cleaned_data["url"]
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https"):
            raise forms.ValidationError("The address must begin with https:// or http://.")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise forms.ValidationError("Only the host and the context path, without a user, ? or #.")
        return url


class ServerEditForm(ServerForm):
    """A server that is listed. Its name stays; the secret is asked for again when the address changes."""

    field_order = ("revision", "url", "client_id", "secret")
    name = None  # type: ignore[assignment]
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["secret"].required = False
        self.fields[
            "secret"
        ].help_text = "Empty keeps the present one, unless the address or client id changes."


class NewTenantForm(Form):
    """What every new tenant is called."""

    name = forms.CharField(
        max_length=120, label="Tenant name", help_text="Shown to people. Can be changed later."
    )
    slug = forms.CharField(
        max_length=63,
        validators=[NAME],
        label="Short name",
        help_text="In addresses. Cannot be changed later.",
    )

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if Tenant.objects.filter(slug=slug).exists():
            raise forms.ValidationError("A tenant of this short name exists.")
        return slug


class TenantForm(NewTenantForm):
    """A new tenant: with a realm of its own, or with a share of one that is managed here."""

    slug = forms.CharField(
        max_length=63,
        validators=[NAME],
        label="Short name",
        help_text="In addresses, and the group's name in a share. Cannot be changed later.",
    )
    served_by = forms.ChoiceField(
        choices=[("realm", "Own realm"), ("share", "Share of a realm")],
        initial="realm",
        widget=Segmented,
        help_text="A share is a top-level group and a prefix of role names in a realm that others use, too.",
    )
    server = forms.ModelChoiceField(
        queryset=KeycloakServer.objects.order_by("name"),
        required=False,
        empty_label=None,
        label="Keycloak server",
        help_text="For a realm of its own.",
    )
    realm = forms.CharField(
        max_length=63,
        required=False,
        validators=[NAME],
        label="Realm name",
        help_text="For a realm of its own. Empty takes the short name. Part of every token's issuer.",
    )
    share_of = forms.ModelChoiceField(
        queryset=Realm.objects.select_related("scope__server").order_by("scope__realm"),
        required=False,
        empty_label="Choose a realm",
        label="Shared realm",
        help_text="For a share. The realm must be managed here.",
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if (
            values.get("served_by") == "share"
            and not values.get("share_of")
            and "share_of" not in self.errors
        ):
            self.add_error("share_of", "Choose the realm that this tenant gets a share of.")
        if values.get("served_by") == "realm" and not values.get("server") and "server" not in self.errors:
            self.add_error("server", "Choose a server.")
        values["realm"] = values.get("realm") or values.get("slug", "")
        return values


class ObserveForm(Form):
    """A realm that was there before us, and the tenant under which it is seen here."""

    realm = forms.CharField(
        max_length=63, strip=False, label="Realm", help_text="As it is called on the server."
    )
    name = forms.CharField(max_length=120, label="Tenant name", help_text="Shown to people.")
    slug = forms.CharField(
        max_length=63,
        validators=[NAME],
        label="Short name",
        help_text="In addresses. Cannot be changed later.",
    )

    def clean_realm(self) -> str:
        """Return the name, which others gave it. Raises ValidationError for one that no call can hold."""
        name: str = self.cleaned_data["realm"]
        try:
            refuse_name(name)
        except Refused as error:
            raise forms.ValidationError(str(error)) from error
        return name


class AdoptForm(Form):
    """What to take over: things that were chosen, all of one kind, or everything."""

    everything = forms.BooleanField(required=False)
    all = forms.BooleanField(required=False)
    address = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        typed = self.data.getlist("address") if self.is_bound else []  # type: ignore[attr-defined]
        self.fields["address"].choices = [(one, one) for one in typed]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not any(values.get(name) for name in ("everything", "all", "address")):
            raise forms.ValidationError("Choose what to adopt.")
        return values

    def values(self, of_kind: Iterable[str]) -> dict[str, Any]:
        """Return what the command takes. `of_kind` are the addresses on all pages of the kind shown."""
        if self.cleaned_data.get("everything"):
            return {"everything": True}
        chosen = of_kind if self.cleaned_data.get("all") else self.cleaned_data["address"]
        return {"addresses": sorted(set(chosen))}


def _seconds(label: str, help_text: str) -> forms.IntegerField:
    return forms.IntegerField(validators=SECONDS, label=label, help_text=help_text)


class RealmForm(Form):
    """The settings of a realm that we manage. All others stay as they are in Keycloak."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    display_name = forms.CharField(max_length=255, required=False, help_text="Shown on the sign-in page.")
    access_token_lifespan = _seconds(
        "Access token life, seconds", "What is revoked may work this much longer."
    )
    sso_session_idle = _seconds("Session idle time, seconds", "Without activity a session ends after this.")
    sso_session_max = _seconds("Session maximum, seconds", "No session and no token lives longer.")
    enabled = forms.BooleanField(
        required=False, label="Realm is enabled", help_text="Off: nobody can sign in."
    )
    login_with_email = forms.BooleanField(required=False, label="Sign in with e-mail")
    registration_allowed = forms.BooleanField(
        required=False,
        label="Self-registration",
        help_text="On: anybody with the address can make an account.",
    )
    brute_force_protected = forms.BooleanField(required=False, label="Brute-force detection")

    def clean_display_name(self) -> str:
        value: str = self.cleaned_data["display_name"]
        if set(value) & set("<>"):
            raise forms.ValidationError("Keycloak shows this name as HTML, so < and > are refused.")
        return value

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        life, most = values.get("access_token_lifespan"), values.get("sso_session_max")
        if life and most and life > most:
            self.add_error(
                "sso_session_max", "Keycloak caps the token's life at this: raise it to the token's life."
            )
        return values

    @property
    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in REALM_FIELDS}
