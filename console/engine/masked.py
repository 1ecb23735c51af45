"""Masked secrets: Keycloak answers `**********` for a secret. Written back, that is the secret."""

import re
from typing import Any

MASK = re.compile(r"\*+")


def has_mask(value: Any) -> bool:
    """Tell whether a value, or one inside it, is nothing but asterisks."""
    if isinstance(value, str):
        return MASK.fullmatch(value) is not None
    if isinstance(value, dict):
        return any(has_mask(one) for one in value.values())
    return isinstance(value, list | tuple) and any(has_mask(one) for one in value)
