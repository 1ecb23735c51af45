"""Fields that stand under one key of a representation, and open maps, of which declared keys are managed."""

from collections.abc import Mapping
from typing import Any

from console.engine.kinds import KINDS
from console.engine.masked import has_mask
from console.engine.state import Fields, Kind
from console.keycloak.errors import Permanent
from console.keycloak.realm import Json

Names = Mapping[str, str]  # our name of a field, and its key in Keycloak's representation
Map = Mapping[str, Any]


def read_fields(kind: Kind, names: Names, found: Json) -> dict[str, Any]:
    """Return the fields of a representation. What Keycloak leaves out has the registry's default."""
    specs = KINDS[kind].fields
    return {name: _read(found.get(key), specs[name].default) for name, key in names.items()}


def _read(value: Any, default: Any) -> Any:
    if value is None:
        return list(default) if isinstance(default, list) else default
    return sorted(value) if isinstance(default, list) else value


def written(names: Names, fields: Fields) -> Json:
    """Return these fields, and no others, as Keycloak takes them."""
    return {key: fields[name] for name, key in names.items() if name in fields}


def shown(values: Map | None) -> Json:
    """Return an open map without its secrets, without what is empty, and a list of one as its only text."""
    plain = {key: _plain(value) for key, value in (values or {}).items() if not has_mask(value)}
    return {key: value for key, value in plain.items() if value}


def _plain(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return value[0] if len(value) == 1 else sorted(value)


def several(value: Any) -> list[Any]:
    """Return a value of an open map as the list that Keycloak keeps, none for an empty one."""
    if isinstance(value, list):
        return sorted(value)
    return [value] if value else []


def filled(there: Map | None, wanted: Map) -> Json:
    """Return a map of texts after a change: keys that are not declared stay, empty ones go, masks too."""
    kept = {key: value for key, value in (there or {}).items() if not has_mask(value)}
    return {key: value for key, value in {**kept, **wanted}.items() if value}


def masked_keys(values: Map | None) -> frozenset[str]:
    """Return the keys behind which Keycloak holds a secret that it does not show."""
    return frozenset(key for key, value in (values or {}).items() if has_mask(value))


def refuse_secret_keys(values: Map, keys: frozenset[str]) -> None:
    """Raise Permanent if a secret stands among the settings, where everybody could read it."""
    for key in sorted(keys & values.keys()):
        raise Permanent(f"“{key}” is a secret, not a setting: enter it in its own field. Nothing was sent.")


def lost_if_written(what: str) -> Permanent:
    """Return why a change is refused that Keycloak would answer by forgetting a secret."""
    return Permanent(
        f"Keycloak holds {what} that nobody can read: enter it again to change anything else. "
        "Nothing was sent."
    )
