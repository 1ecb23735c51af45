"""The base of all forms: label above, help below, an error in the place of the help."""

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting

_CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.RadioSelect, "form-check-input"),
    (forms.CheckboxSelectMultiple, "form-check-input"),
    (forms.CheckboxInput, "form-check-input"),
    (forms.Select, "form-select"),
    (forms.Textarea, "form-control"),
    (forms.widgets.Input, "form-control"),
)


def css_class_of(widget: forms.Widget) -> str:
    """Return the class of the kit for a control; hidden and grouped ones need none."""
    if widget.is_hidden:
        return ""
    return next((name for kind, name in _CLASSES if isinstance(widget, kind)), "")


class BoundField(forms.BoundField):
    """A field that wears the kit's class and points at its help, or at its error instead."""

    @property
    def aria_describedby(self) -> str | None:
        if not self.auto_id or self.is_hidden or self.field.widget.attrs.get("aria-describedby"):
            return None
        if self.errors:
            return f"{self.auto_id}_error"
        return f"{self.auto_id}_helptext" if self.help_text else None

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        used = widget or self.field.widget
        built = dict(super().build_widget_attrs(attrs, widget))
        classes = [used.attrs.get("class", ""), css_class_of(used), "is-invalid" if self.errors else ""]
        if joined := " ".join(one for one in classes if one):
            built["class"] = joined
        return built


class Renderer(TemplatesSetting):
    """Fields and forms through our templates. Needs `django.forms` among the installed apps."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
    bound_field_class = BoundField


class Segmented(forms.RadioSelect):
    """A choice of two to four short words, all visible, as one control."""

    template_name = "components/widgets/segmented.html"
    option_template_name = "components/widgets/segment.html"
    use_fieldset = True


class Form(forms.Form):
    """A plain form. Whitespace around answers is the widget's matter, limits the field's."""

    label_suffix = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class ModelForm(forms.ModelForm):
    """A source of fields and of constraint messages. Saving is the services' work."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def save(self, commit: bool = True) -> Any:
        raise TypeError("A form does not save: call the service.")
