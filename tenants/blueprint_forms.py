"""Forms whose fields are the parameters of a blueprint. What is right is decided by the blueprint alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.html import format_html

from console.blueprints.expand import expand
from console.blueprints.model import Blueprint, Expansion, Parameter, ParameterType, WrongParameters
from console.blueprints.parameters import default_of, wrong_with
from console.graph.catalogue import Note
from console.sync.models import KeycloakServer
from console.web.forms import Form, Segmented
from tenants.blueprints import field_of, parsed, realm_parameter
from tenants.forms import NewTenantForm

FORM_ID = "ask"
LARGEST = 500_000  # characters of an uploaded blueprint
_SHORT = 44  # characters that stand side by side in the width of a field; choices share it evenly


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A doubtful reading beside the choice that settles it.

    `elsewhere` is the label of a field that does so among the others. Without either it stays as it is read.
    """

    note: Note
    field: BoundField | None
    elsewhere: str


class ParametersForm(Form):
    """The parameters of one blueprint. `known` are those that a tenant has; fixed ones are then only shown.

    Once it is valid, `said` is what the blueprint says with what was typed.
    """

    def __init__(
        self, *args: Any, blueprint: Blueprint, known: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.blueprint = blueprint
        self.said: Expansion | None = None
        for one in blueprint.parameters:
            field = _form_field(one)
            if known is not None:
                _fill(field, one, known)
            if _stands_apart(one):
                field.widget.attrs["form"] = FORM_ID  # it stands beside the form, and is sent with it
            self.fields[field_of(one.name)] = field

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        try:
            self.said = expand(self.blueprint, self.typed)
        except WrongParameters as error:
            for name, sentence in error.errors.items():
                place = field_of(name)
                if place not in self.fields:
                    self.add_error(None, sentence)
                elif not self.has_error(place):
                    self.add_error(place, sentence)
        return values

    @property
    def typed(self) -> dict[str, Any]:
        """Return the value of every parameter, as it was typed or chosen."""
        return {one.name: self.cleaned_data.get(field_of(one.name)) for one in self.blueprint.parameters}

    @property
    def parameters(self) -> dict[str, Any]:
        """Return what can be kept: everything that was checked and is no secret."""
        assert self.said is not None  # only a valid form is asked
        return dict(self.said.parameters)

    @property
    def secrets(self) -> dict[str, str]:
        """Return the secrets that were typed."""
        return {
            one.name: value
            for one in self.blueprint.parameters
            if one.is_secret and (value := self.cleaned_data.get(field_of(one.name)))
        }

    @property
    def plain(self) -> list[BoundField]:
        return [self[field_of(one.name)] for one in self._without_notes() if not one.advanced]

    @property
    def advanced(self) -> list[BoundField]:
        return [self[field_of(one.name)] for one in self._without_notes() if one.advanced]

    @property
    def has_advanced_errors(self) -> bool:
        return any(field.errors for field in self.advanced)

    @property
    def doubtful(self) -> list[Doubtful]:
        """Return the notes, each with the choice that settles it. What is typed stands among the fields."""
        by_note = {one.note: one for one in self.blueprint.parameters if one.note}
        return [self._doubt(note, by_note.get(note.key)) for note in self.blueprint.notes]

    def _doubt(self, note: Note, one: Parameter | None) -> Doubtful:
        if one is None:
            return Doubtful(note, None, "")
        is_apart = _stands_apart(one)
        return Doubtful(note, self[field_of(one.name)] if is_apart else None, "" if is_apart else one.label)

    def _without_notes(self) -> Iterator[Parameter]:
        return (one for one in self.blueprint.parameters if not _stands_apart(one))


class BlueprintTenantForm(ParametersForm, NewTenantForm):
    """A new tenant from a blueprint, with a realm of its own."""

    server = forms.ModelChoiceField(
        queryset=KeycloakServer.objects.order_by("name"), empty_label=None, label="Keycloak server"
    )


class UseForm(ParametersForm):
    """A tenant under a blueprint: other parameters, or another version of it."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class UploadForm(Form):
    """An own blueprint, typed or as a file. What was sent stands in the text afterwards in any case."""

    file = forms.FileField(
        required=False, label="File", help_text="A YAML file. Its text comes to stand below, to be looked at."
    )
    text = forms.CharField(
        required=False,
        strip=False,
        max_length=LARGEST,
        label="Text",
        widget=forms.Textarea(attrs={"class": "code-text", "spellcheck": "false", "rows": 24}),
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("file"):
            values["text"] = self._of_file(values["file"])
            self.data = {**self.data.dict(), "text": values["text"]}  # type: ignore[attr-defined]
        if not values.get("text", "").strip() and "text" not in self.errors and "file" not in self.errors:
            self.add_error("text", "Choose a file, or write the text here.")
        return values

    def _of_file(self, sent: Any) -> str:
        if sent.size > LARGEST * 4:
            self.add_error("file", f"This file is larger than {LARGEST * 4 // 1_000_000} MB.")
            return ""
        try:
            text = sent.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            self.add_error("file", "This file is no UTF-8 text.")
            return ""
        if len(text) > LARGEST:
            self.add_error("file", f"This text has more than {LARGEST:,} characters.")
        return text[:LARGEST]


# --- what a blueprint would say -------------------------------------------------------------------


def sketch(blueprint: Blueprint, typed: Mapping[str, Any]) -> Expansion:
    """Return what a blueprint says with what was typed so far; examples stand in for what is wrong yet."""
    return expand(
        blueprint, {one.name: _or_example(one, typed.get(one.name)) for one in blueprint.parameters}
    )


@lru_cache(maxsize=64)
def example(text: str) -> Expansion:
    """Return what the blueprint of this text says with its examples."""
    return sketch(parsed(text), {})


def offer_free_realm(form: Any, blueprint: Blueprint) -> None:
    """Put a link beside a realm's name that is taken, which fills in the tenant's own short name."""
    slug = form.cleaned_data.get("slug", "")
    makes = realm_parameter(blueprint)
    place = field_of(makes) if makes else ""
    if not slug or place not in form.errors or form.cleaned_data.get(place) == slug:
        return
    name = sketch(blueprint, {**form.typed, makes: slug}).realm_name
    said = " ".join(form.errors[place])
    link = format_html('{} <a href="#id_{}" data-fill="{}">Use {}</a>', said, place, slug, name)
    form.errors[place] = form.error_class([link], renderer=form.renderer)


def typed_in(blueprint: Blueprint, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that stand in a query or a form, by name, secrets left out."""
    return {
        one.name: data[field_of(one.name)]
        for one in blueprint.parameters
        if field_of(one.name) in data and not one.is_secret
    }


def _or_example(one: Parameter, given: Any) -> Any:
    if given not in (None, "") and not wrong_with(one, given):
        return given
    if one.required:
        return default_of(one) if one.example is None else one.example
    return None if given is None or wrong_with(one, given) else given


def _stands_apart(one: Parameter) -> bool:
    """Tell whether a parameter is the choice between two readings: it stands beside its note."""
    return bool(one.note) and one.type in (ParameterType.CHOICE, ParameterType.YES_NO)


# --- fields ---------------------------------------------------------------------------------------


def _form_field(one: Parameter) -> forms.Field:
    makers = {
        ParameterType.NUMBER: _number,
        ParameterType.YES_NO: _yes_no,
        ParameterType.CHOICE: _choice,
        ParameterType.TEXTS: _texts,
        ParameterType.SECRET: _secret,
    }
    field = makers.get(one.type, _text)(one)
    field.label = f"{one.label}, {one.unit}" if one.unit else one.label
    field.required = one.required and not one.when  # what hangs on others is judged by the blueprint
    field.help_text = field.help_text or one.help
    return field


def _text(one: Parameter) -> forms.Field:
    return forms.CharField(max_length=2_000, strip=False, initial=_initial(one))


def _number(one: Parameter) -> forms.Field:
    return forms.CharField(
        max_length=12, initial=_initial(one), widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )


def _yes_no(one: Parameter) -> forms.Field:
    words = (("true", "Yes"), ("false", "No")) if one.note else (("true", "On"), ("false", "Off"))
    ordered = words if default_of(one) else words[::-1]
    return forms.ChoiceField(choices=ordered, initial=_initial(one), widget=Segmented)


def _choice(one: Parameter) -> forms.Field:
    choices = [(each.value, each.label) for each in one.choices]
    is_short = len(choices) <= 3 and len(choices) * max(len(label) for _, label in choices) <= _SHORT
    helps = " ".join(f"{each.label}: {each.help}" for each in one.choices if each.help)
    return forms.ChoiceField(
        choices=choices,
        initial=_initial(one),
        widget=Segmented if is_short else forms.Select,
        help_text=one.help or helps,
    )


def _texts(one: Parameter) -> forms.Field:
    return forms.CharField(
        max_length=20_000,
        strip=False,
        initial=_initial(one),
        widget=forms.Textarea(attrs={"rows": 2, "class": "lines-text"}),
        help_text=f"{one.help} One a line.".strip(),
    )


def _secret(one: Parameter) -> forms.Field:
    return forms.CharField(
        max_length=500, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )


def _initial(one: Parameter, known: Any = None) -> str:
    value = default_of(one) if known is None else known
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "\n".join(map(str, value))
    if one.type is ParameterType.NUMBER and value == 0 and known is None and one.required:
        return ""
    return str(value)


def _fill(field: forms.Field, one: Parameter, known: Mapping[str, Any]) -> None:
    """Show what the tenant has; what cannot be changed any more only shows."""
    if one.is_secret:
        field.required = False
        field.help_text = "Empty keeps the present one."
    elif one.name in known:
        field.initial = _initial(one, known[one.name])
        if one.fixed:
            field.disabled = True
            field.help_text = "This cannot be changed any more."
