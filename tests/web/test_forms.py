"""Fields: label above, help below, an error in the place of the help, all told to readers."""

import pytest
from django import forms

from console.sync.models import Scope
from console.web.forms import Form, ModelForm, Segmented


class Sample(Form):
    name = forms.CharField(max_length=5, help_text="Shown to <people>.")
    kind = forms.ChoiceField(
        choices=[("a", "Own"), ("b", "Share")], widget=Segmented, help_text="One of two."
    )
    on = forms.BooleanField(required=False, label="May sign in")
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def test_a_field_points_at_its_help() -> None:
    html = str(Sample()["name"].as_field_group())

    assert '<label class="field-label" for="id_name">' in html
    assert 'aria-describedby="id_name_helptext"' in html
    assert '<div class="field-help" id="id_name_helptext">Shown to &lt;people&gt;.</div>' in html
    assert 'class="form-control"' in html
    assert "aria-invalid" not in html


def test_an_error_takes_the_place_of_the_help() -> None:
    html = str(Sample({"name": "far too long"})["name"].as_field_group())

    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_name_error"' in html
    assert 'id="id_name_error"' in html
    assert "id_name_helptext" not in html
    assert 'class="form-control is-invalid"' in html


def test_a_group_of_choices_is_a_fieldset_with_a_legend() -> None:
    html = str(Sample({"name": "x"})["kind"].as_field_group())

    assert "<fieldset" in html
    assert 'aria-describedby="id_kind_error"' in html
    assert "<legend" in html
    assert html.count('type="radio"') == 2


def test_a_form_shows_errors_of_the_whole_and_hidden_fields() -> None:
    form = Sample({"name": "x", "kind": "a"})
    form.add_error(None, "eu-1 did <not> answer.")

    html = str(form)

    assert 'role="alert"' in html
    assert "eu-1 did &lt;not&gt; answer." in html
    assert 'type="hidden" name="token"' in html


def test_a_checkbox_stands_before_its_words() -> None:
    html = str(Sample()["on"].as_field_group())

    assert html.index("form-check-input") < html.index("May sign in")


def test_a_model_form_does_not_save() -> None:
    class ScopeForm(ModelForm):
        class Meta:
            model = Scope
            fields = ("realm",)

    with pytest.raises(TypeError, match="call the service"):
        ScopeForm({"realm": "acme"}).save()
