"""A realm of a Keycloak server as a target of the engine."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial

from console.engine.kinds import INSIDE
from console.engine.operation import Action, Operation
from console.engine.state import Address, Kind, Selection, State
from console.engine.target import After, Before, Outcome, Result
from console.keycloak import executing, reading
from console.keycloak.client import BeforeSend, client_for
from console.keycloak.connection import Connection
from console.keycloak.leasing import Lease
from console.keycloak.realm import Realm
from console.keycloak.recording import Record
from console.transport import Caller, Secret


class KeycloakTarget:
    """Reads and writes one realm. Its methods block; inside, six calls run at once.

    `before_write` is called in the caller's thread right before each write, once for those that wait at the
    same moment, and forbids it by raising `LostLease`: then nothing more is written and `execute` raises it.
    While writes are under way it is called every `beat_seconds` too, so that a slow one does not lose the
    lease. `ids` are the ledger's. A group is deleted with its sub groups only if this target has read them
    before.
    `secrets` answers, in the caller's thread right before a write, with what is written and never read.
    """

    def __init__(
        self,
        connection: Connection,
        realm: str,
        before_write: Callable[[], None] | None = None,
        ids: Mapping[Address, str] | None = None,
        secrets: Callable[[Address], Mapping[str, Secret]] | None = None,
        beat_seconds: float = 5,
    ) -> None:
        self._secrets = secrets
        self._client = client_for(connection)
        self._realm = realm
        self._before_write = before_write
        self._ids = ids or {}
        self._beat_seconds = beat_seconds
        self._known_groups: set[str] = set()
        self._seen: dict[Address, str] = {}

    def read(self, selection: Selection) -> State:
        """Return the state. Raises Temporary, or Permanent where our credentials are refused."""
        return Caller().wait(self._read(selection))

    def execute(
        self, operations: Sequence[Operation], before: Before | None = None, after: After | None = None
    ) -> Sequence[Outcome]:
        """Return one outcome per operation. Raises LostLease, and nothing for a failed operation."""
        caller = Caller()
        return caller.wait(self._execute(operations, caller, Record(before, after, caller)))

    async def _read(self, selection: Selection) -> State:
        ids = dict(self._ids) | dict(selection.ids)
        self._seen.clear()
        state = await reading.read(Realm(self._client, self._realm, ids=ids, seen=self._seen), selection)
        self._known_groups |= {one.id for one in state if one.address.kind in INSIDE and one.id}
        return state

    async def _execute(
        self, operations: Sequence[Operation], caller: Caller, record: Record
    ) -> Sequence[Outcome]:
        lease = Lease(self._before_write, caller)
        realm = Realm(
            self._client,
            self._realm,
            ids=self._ids,
            before_write=lease,
            known_groups=self._known_groups,
            seen=self._seen,
            secrets=partial(self._secrets_at, caller),
        )
        beating = asyncio.ensure_future(self._beat(lease))
        try:
            outcomes = await executing.execute(realm, operations, record)
        except BaseException:
            self._seen.clear()
            raise
        finally:
            beating.cancel()
        if any(map(_moves_names, operations)) or any(one.result is not Result.DONE for one in outcomes):
            self._seen.clear()
        return outcomes

    async def _secrets_at(self, caller: Caller, address: Address) -> Mapping[str, Secret]:
        return await caller.call(partial(self._secrets, address)) if self._secrets else {}

    async def _beat(self, lease: BeforeSend) -> None:
        """Hold the lease while slow writes are under way. Once it is lost, the next write is told so."""
        with suppress(Exception):  # whatever it was, the next write meets it, too
            while True:
                await asyncio.sleep(self._beat_seconds)
                await lease()


def _moves_names(operation: Operation) -> bool:
    """Tell whether a name may belong to another object afterwards, or to none."""
    return operation.action in (Action.RENAME, Action.DELETE) and operation.address.kind in _NAMED


_NAMED = (Kind.ROLE, Kind.GROUP, Kind.PERSON)
