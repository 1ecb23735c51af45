"""One form for every kind: a field of the registry becomes a field of a form, and back."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms

from console.engine.fields import FieldSpec, both_true, either_true, shared, unjudged
from console.engine.kinds import KINDS, TREES
from console.engine.state import Address, Fields, Kind
from console.web.forms import Form
from tenants.configuration.things import known_of, places
from tenants.models import Realm
from tenants.secrets import VERSION_KEY

OWN_NAME = "own_name"
MANY_CHOICES = 500
SECRET_LABELS = {
    "secret": "Client secret",
    "client_secret": "Client secret",
    "bind_credential": "Bind password",
    "smtp_password": "Password of the mail server",
}
NAMES = {
    Kind.CLIENT: "Client id",
    Kind.IDENTITY_PROVIDER: "Alias",
    Kind.ORGANIZATION: "Alias",
    Kind.REQUIRED_ACTION: "Alias",
}
WIDENS: Mapping[Any, str] = {
    both_true: "On widens access.",
    either_true: "Off widens access.",
    shared: "Each one more widens access.",
    min: "More widens access.",
    max: "Less widens access.",
}


class Lines(forms.CharField):
    """A set of texts, one a line."""

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}), strip=False, **more)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        text: str = super().clean(value)
        return sorted({line.strip() for line in text.splitlines() if line.strip()})


class Settings(forms.CharField):
    """Keys with texts, one `key=value` a line. A key with several values stands in as many lines."""

    def __init__(self, *, takes_several: bool, **more: Any) -> None:
        self.takes_several = takes_several
        super().__init__(widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}), strip=False, **more)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        shown = ((key, one) for key, one in sorted(value.items()) if key != VERSION_KEY)
        lines = ((key, each) for key, one in shown for each in (one if isinstance(one, list) else [one]))
        return "\n".join(f"{key}={each}" for key, each in lines)

    def clean(self, value: Any) -> dict[str, Any]:
        found: dict[str, list[str]] = {}
        for line in super().clean(value).splitlines():
            key, separator, one = line.partition("=")
            if not line.strip():
                continue
            if not separator or not key.strip():
                raise forms.ValidationError(f"Write key=value, one a line. This line has no “=”: {line[:60]}")
            if key.strip() in found and not self.takes_several:
                raise forms.ValidationError(f"{key.strip()} stands here twice.")
            found.setdefault(key.strip(), []).append(one.strip())
        return {key: sorted(set(some)) if len(set(some)) > 1 else some[0] for key, some in found.items()}


class Nested(forms.CharField):
    """Keys with values that may be maps in turn, as JSON."""

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}), **more)

    def prepare_value(self, value: Any) -> Any:
        return json.dumps(value, indent=1, sort_keys=True) if isinstance(value, Mapping) else value

    def clean(self, value: Any) -> dict[str, Any]:
        text = super().clean(value)
        try:
            found = json.loads(text or "{}")
        except ValueError as error:
            raise forms.ValidationError(f"This is no JSON: {error}") from error
        if not isinstance(found, dict):
            raise forms.ValidationError('Write an object, such as {"length": {"min": "2"}}.')
        return found


def field_of(spec: FieldSpec) -> forms.Field:
    """Return the field of a form for a field of the registry."""
    common: dict[str, Any] = {"label": _label(spec), "help_text": _help(spec), "required": False}
    if isinstance(spec.default, bool):
        return forms.BooleanField(**common)
    if isinstance(spec.default, int):
        return forms.IntegerField(**common | {"required": True}, min_value=-1, max_value=2**31 - 1)
    if spec.choices:
        options = [(one, one or "not set") for one in spec.choices]
        return forms.ChoiceField(**common, choices=options)
    if isinstance(spec.default, list):
        return Lines(**common)
    if isinstance(spec.default, dict):
        is_open = spec.is_open
        return Settings(takes_several=spec.takes_several, **common) if is_open else Nested(**common)
    return forms.CharField(**common, max_length=4000)


def _label(spec: FieldSpec) -> str:
    return f"{spec.label}, {spec.unit}" if spec.unit else spec.label


def _help(spec: FieldSpec) -> str:
    shape = ""
    if isinstance(spec.default, list) and "One a line" not in spec.help:
        shape = "One a line."
    elif isinstance(spec.default, dict):
        shape = "key=value, one a line." if spec.is_open else "As JSON."
    return " ".join(part for part in (spec.help, shape, WIDENS.get(spec.between, "")) if part)


class DeclarationForm(Form):
    """A thing of any kind. `values` are the fields to declare, `address` where, `secrets` what was typed.

    Of what exists, only fields are declared that were before, or that were changed here: opening and saving
    a form takes nothing else under management.
    """

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        realm: Realm,
        kind: Kind,
        address: Address | None = None,
        within: Address | None = None,
        declared: Fields | None = None,
        found: Fields | None = None,
        **kwargs: Any,
    ) -> None:
        self.realm, self.kind, self.at, self.within = realm, kind, address, within
        self.declared, self.found = declared, found
        known = KINDS[kind].fields
        self.first = {name: _first(name, spec, found or {}, declared or {}) for name, spec in known.items()}
        super().__init__(*args, initial=self.first | kwargs.pop("initial", {}), **kwargs)
        if address is None:
            self.fields.update(self._names())
        self.fields.update({name: field_of(spec) for name, spec in known.items()})
        for name in KINDS[kind].secrets:
            self.fields[f"secret_{name}"] = _secret(name, is_new=address is None)

    @property
    def unjudged(self) -> list[str]:
        """Return the labels of the fields of which nobody can say what a change does to access."""
        known = KINDS[self.kind].fields.values()
        return [one.label for one in known if one.between is unjudged]

    # --- names ---

    def _names(self) -> dict[str, forms.Field]:
        """Return fields for what the path of a new thing names: other things, and its own name."""
        made: dict[str, forms.Field] = {}
        taken: set[int] = set()
        for first, after, kind in places(self.kind):
            taken |= set(range(first, after))
            if self._fixed(first, kind) is None:
                made[f"part_{first}"] = self._choice(kind)
        if len(KINDS[self.kind].parts) - 1 not in taken:
            made[OWN_NAME] = forms.CharField(
                label=NAMES.get(self.kind, "Name"),
                max_length=255,
                strip=False,
                help_text="As Keycloak and its clients know it."
                + (" A group below another: its names joined with a slash." if self.kind in TREES else ""),
            )
        return made

    def _fixed(self, first: int, kind: Kind) -> Address | None:
        """Return the thing on whose page the form was opened, at the first place where it fits."""
        if self.within is None or self.within.kind is not kind:
            return None
        fitting = [place for place, _, one in places(self.kind) if one is kind]
        return self.within if fitting and fitting[0] == first else None

    def _choice(self, kind: Kind) -> forms.Field:
        label = KINDS[kind].label
        label = f"{label[0].upper()}{label[1:]}"
        known = known_of(self.realm, kind)
        if len(known) > MANY_CHOICES:
            return forms.CharField(label=label, max_length=700, help_text="Its name, as it is declared.")
        options = [(one.key, " / ".join(one.path)) for one in known]
        return forms.ChoiceField(label=label, choices=[("", "Choose one"), *options])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if self.at is None and not self.errors:
            self.new_address = self._address()
        return values

    def _address(self) -> Address:
        path = [""] * len(KINDS[self.kind].parts)
        for first, after, kind in places(self.kind):
            named = self._fixed(first, kind) or self._chosen(first, kind)
            path[first:after] = named.path
        if OWN_NAME in self.fields:
            path[-1] = self.cleaned_data[OWN_NAME]
        return Address(self.kind, tuple(path))

    def _chosen(self, first: int, kind: Kind) -> Address:
        typed: str = self.cleaned_data[f"part_{first}"]
        if isinstance(self.fields[f"part_{first}"], forms.ChoiceField):
            return Address.parse(typed)
        return Address(kind, (typed,))

    @property
    def address(self) -> Address:
        return self.at or self.new_address

    # --- values ---

    @property
    def values(self) -> dict[str, Any]:
        if self.at is None:
            return {name: self.cleaned_data[name] for name in KINDS[self.kind].fields}
        return dict(self._changed())

    def _changed(self) -> Iterator[tuple[str, Any]]:
        for name, spec in KINDS[self.kind].fields.items():
            typed, before = self.cleaned_data[name], self.first[name]
            ours = (self.declared or {}).get(name)
            if spec.is_open:
                kept = _managed_keys(typed, dict(before), dict(ours or {}))
                if ours is not None or kept:
                    yield name, kept
            elif ours is not None or typed != before:
                yield name, typed

    @property
    def secrets(self) -> dict[str, str]:
        named = {name: self.cleaned_data.get(f"secret_{name}", "") for name in KINDS[self.kind].secrets}
        return {name: value for name, value in named.items() if value}

    # --- for the template ---

    @property
    def names(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name == OWN_NAME or name.startswith("part_")]

    @property
    def switches(self) -> list[forms.BoundField]:
        return [self[name] for name, one in self._own if isinstance(one, forms.BooleanField)]

    @property
    def texts(self) -> list[forms.BoundField]:
        return [
            self[name]
            for name, one in self._own
            if not isinstance(one, forms.BooleanField | Lines | Settings | Nested)
        ]

    @property
    def long_texts(self) -> list[forms.BoundField]:
        return [self[name] for name, one in self._own if isinstance(one, Lines | Settings | Nested)]

    @property
    def secret_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("secret_")]

    @property
    def _own(self) -> list[tuple[str, forms.Field]]:
        return [(name, one) for name, one in self.fields.items() if name in KINDS[self.kind].fields]


def _first(name: str, spec: FieldSpec, found: Fields, declared: Fields) -> Any:
    """Return what stands in a field at first: what is declared, else what Keycloak has, else the default."""
    if spec.is_open:
        return {**found.get(name, {}), **declared.get(name, {})}
    return declared.get(name, found.get(name, spec.default))


def _managed_keys(typed: dict[str, Any], before: dict[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
    """Return the keys to manage: those that were, and those that were changed. One taken out is emptied."""
    kept = {key: one for key, one in typed.items() if key in ours or before.get(key) != one}
    gone = {key: "" for key, one in before.items() if key not in typed and one and key != VERSION_KEY}
    return kept | gone


def _secret(name: str, *, is_new: bool) -> forms.Field:
    empty = "Empty: Keycloak makes one." if is_new else "Empty keeps the present one."
    return forms.CharField(
        label=SECRET_LABELS.get(name, name.replace("_", " ").capitalize()),
        required=False,
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=f"Kept encrypted, written to Keycloak, never shown again. {empty}",
    )


class RenameForm(Form):
    """Another name for a thing."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    own_name = forms.CharField(
        max_length=255,
        strip=False,
        label="New name",
        help_text="Its id stays in Keycloak, and all that hangs on it.",
    )


class Nothing(Form):
    """A form that only asks whether."""
