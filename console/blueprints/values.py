"""Whether settings are what the registry of kinds knows: names, types, choices, and no secret among them."""

from collections.abc import Iterator, Mapping
from typing import Any

from console.blueprints.words import unknown
from console.engine.fields import FieldSpec
from console.engine.kinds import KINDS
from console.engine.masked import SECRET_KEYS, has_mask
from console.engine.state import Kind

LONGEST = 4000


def faults_of(kind: Kind, fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the name of each field that is wrong with the reason."""
    known = KINDS[kind].fields
    for name, value in fields.items():
        if name not in known:
            yield name, unknown(name, known, f"among the fields of {KINDS[kind].plural}")
        elif reason := _wrong(known[name], value):
            yield name, reason


def _wrong(spec: FieldSpec, value: Any) -> str:
    if has_mask(value):
        return "Only asterisks: that is a masked secret, and is never written."
    if isinstance(spec.default, bool):
        return "" if isinstance(value, bool) else "This must be true or false."
    if isinstance(spec.default, int):
        is_number = isinstance(value, int) and not isinstance(value, bool) and -1 <= value < 2**31
        return "" if is_number else "This must be a whole number, at most 2147483647."
    if isinstance(spec.default, list):
        return _wrong_list(spec, value)
    if isinstance(spec.default, dict):
        return _wrong_map(spec, value)
    return _wrong_text(spec, value)


def _wrong_text(spec: FieldSpec, value: Any) -> str:
    if not isinstance(value, str):
        return "This must be a text."
    if len(value) > LONGEST:
        return f"This has at most {LONGEST} characters."
    if any(ord(sign) < 32 and sign not in "\n\t" for sign in value):
        return "This cannot hold control characters."
    if spec.choices and value not in spec.choices:
        return f"This is one of: {', '.join(one or 'empty' for one in spec.choices)}."
    return "Keycloak does not work without this." if spec.is_needed and not value else ""


def _wrong_list(spec: FieldSpec, value: Any) -> str:
    if not isinstance(value, list):
        return "This must be a list of texts."
    return next((reason for one in value if (reason := _wrong_text(spec, one))), "")


def _wrong_map(spec: FieldSpec, value: Any) -> str:
    if not isinstance(value, dict):
        return "This must be keys with values."
    secret = sorted(SECRET_KEYS & value.keys())
    if secret:
        return f"{secret[0]} is a secret: it does not belong here, where it is shown."
    for key, one in value.items():
        if spec.takes_several and isinstance(one, list) and all(isinstance(inner, str) for inner in one):
            continue
        if spec.is_open and not isinstance(one, str):
            return f"{key} must be a text: put it in quotation marks."
    return ""
