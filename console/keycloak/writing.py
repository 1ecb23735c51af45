"""Writing operations one by one: one write at a time on each object, and what Keycloak said of each."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence

from console.engine.kinds import REALM
from console.engine.operation import Action, Operation
from console.engine.state import Resource
from console.engine.target import Outcome, Result
from console.keycloak.closing import NOT_KEPT, Open, Settled, failure, judged, read_back
from console.keycloak.errors import (
    BadRequest,
    Changed,
    Conflict,
    KeycloakError,
    NotFound,
    Permanent,
    Strange,
    Temporary,
    Unknown,
    understood,
)
from console.keycloak.kinds import HANDLERS
from console.keycloak.kinds.handler import Handler, Owner
from console.keycloak.kinds.realm import id_of_our_realm
from console.keycloak.names import refuse_unclear
from console.keycloak.realm import Realm, gathered
from console.keycloak.secrets import refuse_masks

Batch = Sequence[Operation]


async def write(realm: Realm, operations: Batch) -> list[Settled]:
    """Return how each write ended, in order. Raises what `before_write` raised, after all have ended."""
    batches = _batches(operations)
    locks: Mapping[Owner, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def one(owner: Owner, batch: Batch) -> Sequence[Settled]:
        async with locks[owner]:
            return await _write(realm, HANDLERS[batch[0].address.kind], batch)

    results = await gathered(one(owner, batch) for (owner, _), batch in batches.items())
    by_operation = {
        id(operation): end
        for batch, ends in zip(batches.values(), results, strict=True)
        for operation, end in zip(batch, ends, strict=True)
    }
    return [by_operation[id(operation)] for operation in operations]


def _batches(operations: Batch) -> dict[tuple[Owner, str], list[Operation]]:
    """Return the operations that one call writes together: same owner, same kind."""
    batches: dict[tuple[Owner, str], list[Operation]] = defaultdict(list)
    for operation in operations:
        kind = operation.address.kind
        batches[HANDLERS[kind].owner(operation), kind].append(operation)
    return batches


async def _write(realm: Realm, handler: Handler, batch: Batch) -> Sequence[Settled]:
    todo = [one for one in batch if one.action is not Action.ADOPT]
    try:
        for operation in todo:
            refuse_unclear(operation)
            # The client refuses masks in what it sends; here too, for a field may be sent joined with others.
            refuse_masks(operation.after)
        if todo:
            with understood():
                await handler.write(realm, todo)
    except (Strange, Unknown) as error:
        return [_adopted(one) or Open.after_silence(error) for one in batch]
    except Permanent as error:
        if len(batch) > 1:  # one refused link must not keep its neighbours from being written
            return [(await _write(realm, handler, [one]))[0] for one in batch]
        return [await after_refusal(realm, batch[0], error)]
    except Temporary as error:
        return [failure(error.sentence, retryable=True) for _ in batch]
    return [_adopted(one) or Open(NOT_KEPT) for one in batch]


def _adopted(operation: Operation) -> Outcome | None:
    """Return the end of an adoption, which writes nothing, and None for all else."""
    if operation.action is not Action.ADOPT:
        return None
    return Outcome(Result.DONE, id=operation.id, fields=operation.after or {})


async def after_refusal(realm: Realm, operation: Operation, error: Permanent) -> Outcome:
    """Return what came of an operation that Keycloak refused: what is there already may be just that."""
    if isinstance(error, Changed):
        return failure(error.sentence, retryable=True)
    if isinstance(error, NotFound) and operation.action is Action.DELETE:
        return Outcome(Result.DONE)
    if not isinstance(error, Conflict | BadRequest):
        return failure(error.sentence)
    try:
        found = await read_back(realm.again(), operation.address)
    except KeycloakError:
        return failure(error.sentence, retryable=True)
    if operation.action is Action.CREATE and found is not None and not _is_strange(realm, operation, found):
        return judged(operation, found, "It exists already and is not ours.")
    if found is not None and operation.action is Action.CREATE:
        return failure("It exists already and is not ours.")
    # A refused change can be a lost race: another write of the realm at the same moment.
    return failure(
        error.sentence, retryable=isinstance(error, Conflict) and operation.action is Action.UPDATE
    )


def _is_strange(realm: Realm, operation: Operation, found: Resource) -> bool:
    """A realm is never taken over because it looks alike: only the id that we gave it counts."""
    return operation.address == found.address == REALM and found.id != id_of_our_realm(realm)
