"""Where the managed fields of a kind stand in Keycloak's representation, read and written by one table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from console.engine.masked import has_mask
from console.engine.state import Fields
from console.keycloak.errors import Permanent
from console.keycloak.realm import Json

LISTED = "##"  # between several values in one attribute
VERY_OWN = "is Keycloak's own, or a secret, and is not written here."


@dataclass(frozen=True, slots=True)
class Place:
    """One field: its key, whether it is one of the attributes, and how it is read and written."""

    key: str
    read: Callable[[Any], Any]
    write: Callable[[Any], Any]
    is_attribute: bool = False


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _same(value: Any) -> Any:
    return value


def text(key: str) -> Place:
    """Return a text: Keycloak leaves out what is empty, we say ""."""
    return Place(key, _text, _same)


def flag(key: str) -> Place:
    return Place(key, bool, bool)


def texts(key: str) -> Place:
    """Return a set of texts, which Keycloak keeps in no order."""
    return Place(key, lambda value: sorted(value or ()), sorted)


def text_attribute(key: str) -> Place:
    return Place(key, _text, _same, is_attribute=True)


def flag_attribute(key: str, *, default: bool = False) -> Place:
    return Place(
        key,
        lambda value: default if value in (None, "") else value == "true",
        lambda value: "true" if value else "false",
        is_attribute=True,
    )


def number_attribute(key: str) -> Place:
    """Return a number, 0 for none. What is no number is shown as it is."""
    return Place(key, _number, lambda value: str(value) if value else "", is_attribute=True)


def _number(value: Any) -> Any:
    digits = _text(value)
    return int(digits or 0) if digits.lstrip("-").isdecimal() or not digits else digits


def texts_attribute(key: str) -> Place:
    """Return a set of texts in one attribute."""
    return Place(
        key,
        lambda value: sorted(one for one in _text(value).split(LISTED) if one),
        lambda value: LISTED.join(sorted(value)),
        is_attribute=True,
    )


@dataclass(frozen=True)
class Layout:
    """All fields of a kind. `own` are attributes that are never managed: Keycloak's marks and its secrets.

    The field `attributes` holds the other attributes, those without a place of their own.
    """

    places: Mapping[str, Place]
    own: frozenset[str] = field(default_factory=frozenset)

    @property
    def _placed(self) -> frozenset[str]:
        return frozenset(one.key for one in self.places.values() if one.is_attribute)

    def fields(self, found: Json) -> Json:
        """Return the managed fields of a representation: no secret, no mask, nothing that is not set."""
        attributes = found.get("attributes") or {}
        fields = {
            name: place.read((attributes if place.is_attribute else found).get(place.key))
            for name, place in self.places.items()
        }
        known = self._placed | self.own
        rest = {key: one for key, one in attributes.items() if key not in known and one and not has_mask(one)}
        return fields | {"attributes": rest}

    def representation(self, fields: Fields) -> Json:
        """Return these fields, and no others, as Keycloak takes them. Raises Permanent.

        Keys that are absent stay as they are in Keycloak; an attribute that is sent empty is taken away.
        """
        self._refuse(fields)
        written: Json = {}
        attributes = dict(fields.get("attributes", {}))
        for name, place in self.places.items():
            if name in fields:
                (attributes if place.is_attribute else written)[place.key] = place.write(fields[name])
        return written | ({"attributes": attributes} if attributes else {})

    def _refuse(self, fields: Fields) -> None:
        for key in sorted(fields.get("attributes", {})):
            if key in self.own:
                raise Permanent(f"The attribute “{key}” {VERY_OWN}")
            if key in self._placed:
                name = next(name for name, one in self.places.items() if one.is_attribute and one.key == key)
                raise Permanent(f"The attribute “{key}” is managed as “{name}”.")
