"""What may be declared: which kinds, under which names, with which values, as the registry of kinds says."""

from collections.abc import Mapping
from typing import Any

from console.engine.fields import FieldSpec
from console.engine.kinds import KINDS, TREES, described, is_protected, kinds_of_names, spec_of
from console.engine.masked import SECRET_KEYS, has_mask
from console.engine.state import Address, Kind
from console.exact_url import Refused as Unclear
from console.exact_url import path_of
from console.sync.commands import Refused
from tenants.desired import FIRST

WITH_MODELS = frozenset(
    {Kind.REALM, Kind.ROLE, Kind.GROUP, Kind.PERSON, Kind.COMPOSITE, Kind.GROUP_ROLE}
    | {Kind.MEMBERSHIP, Kind.PERSON_ROLE, Kind.ENTITLEMENT}
)
"""These have models of their own, and pages that know more of them."""

DECLARABLE = frozenset(KINDS) - WITH_MODELS
LONGEST_NAME = 255
LONGEST_TEXT = 4000
LONGEST_KEY = 800
MOST_VALUES = 500
MARKUP = frozenset("<>\"'`")
# What Keycloak writes there itself, beside or about a secret.
KEYCLOAKS_KEYS = frozenset({"client.secret.creation.time", "client.secret.expiration.time", "realm_client"})


class NameRefused(Refused):
    """The name cannot stand in a call to Keycloak, or is Keycloak's own."""


class ValueRefused(Refused):
    """A field has a value that its kind does not take."""


def refuse_address(address: Address) -> None:
    """Refuse what cannot be declared under this address. Raises NameRefused with the reason."""
    if address.kind not in DECLARABLE:
        raise NameRefused(f"A {spec_of(address).label} has pages of its own.")
    if len(address.path) != len(spec_of(address).parts):
        raise NameRefused(f"This is no name of a {spec_of(address).label}.", field="own_name")
    if address in FIRST:
        raise NameRefused(f"{_named(address)} carries the entitlements: the console makes it itself.")
    if is_protected(address):
        raise NameRefused(
            f"{_named(address)} is Keycloak's own: it is never made or changed.", field="own_name"
        )
    if len(address.key) > LONGEST_KEY:
        raise NameRefused("These names are too long together.", field="own_name")
    for kind, name in _named_in(address):
        refuse_name(name, kind=kind)


def _named_in(address: Address) -> list[tuple[Kind | None, str]]:
    """Return every name in an address with what it names; the path of a group is several."""
    kinds = kinds_of_names(address)
    return [
        (kinds.get(place), name)
        for place, part in enumerate(address.path)
        for name in (part.split("/") if kinds.get(place) in TREES else (part,))
    ]


def refuse_name(name: str, *, kind: Kind | None = None) -> None:
    """Refuse what could be read as a path or as markup. Raises NameRefused.

    A client scope, which goes by its id in every call, may have a slash in its name, as RabbitMQ's have.
    """
    if len(name) > LONGEST_NAME:
        raise NameRefused(f"A name has at most {LONGEST_NAME} characters.", field="own_name")
    if name != name.strip():
        raise NameRefused("A name cannot begin or end with a space.", field="own_name")
    if not name.isprintable():
        raise NameRefused("A name cannot hold control or invisible characters.", field="own_name")
    if found := sorted(MARKUP & set(name)):
        raise NameRefused(f"A name cannot hold {' '.join(found)}", field="own_name")
    try:
        path_of((name.replace("/", "") if kind is Kind.CLIENT_SCOPE else name,))
    except Unclear as error:
        raise NameRefused(error.sentence, field="own_name") from error


def cleaned(kind: Kind, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields as they are kept: lists sorted, empty settings left in. Raises ValueRefused."""
    known = KINDS[kind].fields
    strange = sorted(fields.keys() - known.keys())
    if strange:
        raise ValueRefused(f"A {KINDS[kind].label} has no {', '.join(strange)}.")
    return {name: _value(name, known[name], fields[name]) for name in sorted(fields)}


def _value(name: str, spec: FieldSpec, value: Any) -> Any:
    if has_mask(value):
        raise ValueRefused("Only asterisks: that is a masked secret, and is never written.", field=name)
    if isinstance(spec.default, bool):
        return _typed(name, value, bool, "yes or no")
    if isinstance(spec.default, int):
        return _number(name, value)
    if isinstance(spec.default, list):
        return _list(name, spec, value)
    if isinstance(spec.default, dict):
        return _settings(name, spec, value)
    if spec.is_needed and value == "":
        raise ValueRefused(f"{spec.label}: Keycloak does not work without one.", field=name)
    return _text(name, value, choices=spec.choices)


def _typed(name: str, value: Any, kind: type, words: str) -> Any:
    if not isinstance(value, kind):
        raise ValueRefused(f"This must be {words}.", field=name)
    return value


def _number(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -1 <= value < 2**31:
        raise ValueRefused("This must be a whole number, at most 2147483647.", field=name)
    return value


def _text(name: str, value: Any, *, choices: tuple[str, ...] = ()) -> str:
    text: str = _typed(name, value, str, "a text")
    if len(text) > LONGEST_TEXT:
        raise ValueRefused(f"This has at most {LONGEST_TEXT} characters.", field=name)
    if any(ord(sign) < 32 and sign not in "\n\t" for sign in text):
        raise ValueRefused("This cannot hold control characters.", field=name)
    if choices and text not in choices:
        raise ValueRefused(f"This is one of: {', '.join(one or 'empty' for one in choices)}.", field=name)
    return text


def _list(name: str, spec: FieldSpec, value: Any) -> list[str]:
    values = [_text(name, one, choices=spec.choices) for one in _typed(name, value, list, "a list of texts")]
    if len(values) > MOST_VALUES:
        raise ValueRefused(f"These are more than {MOST_VALUES}.", field=name)
    return sorted(set(values))


def _settings(name: str, spec: FieldSpec, value: Any) -> dict[str, Any]:
    """Return a map. One that is not open, as the checks of a profile attribute, may hold maps in turn."""
    found: dict[str, Any] = _typed(name, value, dict, "keys with values")
    if len(found) > MOST_VALUES:
        raise ValueRefused(f"These are more than {MOST_VALUES}.", field=name)
    for key, one in found.items():
        _text(name, key)
        if key in SECRET_KEYS:
            raise ValueRefused(f"{key} is a secret: it does not belong here, where it is shown.", field=name)
        if spec.takes_several and isinstance(one, list):
            found = found | {key: _list(name, spec, one)}
        elif spec.is_open or isinstance(one, str):
            _text(name, one)
    return dict(sorted(found.items()))


def _named(address: Address) -> str:
    words = described(address)
    return f"{words[0].upper()}{words[1:]}"
