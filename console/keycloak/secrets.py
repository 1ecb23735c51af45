"""What must never be written: the mask that Keycloak shows in place of a secret."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from console.engine.masked import has_mask
from console.keycloak.errors import KeycloakError, Permanent
from console.transport import Secret

__all__ = ["Secret", "refuse_masks", "unsaid"]


def refuse_masks(value: Any) -> None:
    """Raise Permanent, naming the key, if any text inside consists of asterisks only."""
    for key, text in _texts(value, "value"):
        if has_mask(text):
            raise Permanent(f"“{key}” holds a masked value (asterisks), not the real one. Nothing was sent.")


def _texts(value: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _texts(name, "key")
            yield from _texts(inner, str(name))
    elif isinstance(value, list | tuple | set | frozenset):
        for inner in value:
            yield from _texts(inner, key)


@contextmanager
def unsaid(secret: Secret | None) -> Iterator[None]:
    """Take a secret that is sent out of the words of an error: a hostile server may put it there."""
    try:
        yield
    except KeycloakError as error:
        if secret and secret.reveal() in error.sentence:
            error.sentence = error.sentence.replace(secret.reveal(), "…")
            error.args = (error.sentence,)
        raise
