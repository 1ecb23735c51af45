"""One step of a plan: what is done to one address, why, and when in the order."""

import hashlib
import json
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from console.engine.state import Address, Fields


class Action(StrEnum):
    """`ADOPT` writes nothing outside: the thing is already as declared, the ledger learns of it."""

    CREATE = "create"
    UPDATE = "update"
    RENAME = "rename"
    DELETE = "delete"
    ADOPT = "adopt"


class Phase(IntEnum):
    """The order by effect: what narrows access goes first, what widens it goes after building."""

    REVOKE = 1
    BUILD = 2
    GRANT = 3
    PRUNE = 4


@dataclass(frozen=True, slots=True)
class Operation:
    """One write. `before` is what was read (None: absent), `after` what shall be (None: gone).

    `before` and `after` hold managed fields only. `was` is the former address of a rename.
    `id` is Keycloak's id of the object where it was read. `rank` orders inside a phase: what
    others depend on comes first. `goal` is the declared address, where the name of the moment is
    another one because a rename is still to come.
    """

    action: Action
    address: Address
    phase: Phase
    before: Fields | None = None
    after: Fields | None = None
    was: Address | None = None
    id: str | None = None
    reason: str = ""
    rank: int = 0
    goal: Address | None = None
    _mark: str | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def final(self) -> Address:
        """The address in declared names: the same before and after the renames around it."""
        return self.goal or self.address

    @property
    def fingerprint(self) -> str:
        """The identity that an approval covers: same write on the same state, or another one.

        It speaks declared names, so that it stays the same when a rename lands in between.
        """
        if self._mark is None:
            was = self.was.key if self.was else None
            mark = digest_of([self.action, self.final.key, was, self.before, self.after])
            object.__setattr__(self, "_mark", mark)  # asked for many times, and nothing in it changes
        return str(self._mark)


def digest_of(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON: same content, same bytes."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=dict)
    return hashlib.sha256(text.encode()).hexdigest()
