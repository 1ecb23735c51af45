"""Executing operations: one write at a time on each object, read back, compared, and answered one by one."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence

from console.engine.kinds import managed
from console.engine.operation import Action, Operation
from console.engine.state import Fields, Resource
from console.engine.target import Outcome, Result
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

Batch = Sequence[Operation]
Outcomes = Sequence[Outcome]


async def execute(realm: Realm, operations: Batch) -> Outcomes:
    """Return one outcome per operation, in order. Raises what `before_write` raised, after all have ended."""
    batches = _batches(operations)
    locks: Mapping[Owner, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def one(owner: Owner, batch: Batch) -> Outcomes:
        async with locks[owner]:
            return await _write(realm, HANDLERS[batch[0].address.kind], batch)

    results = await gathered(one(owner, batch) for (owner, _), batch in batches.items())
    by_operation = {
        id(operation): outcome
        for batch, outcomes in zip(batches.values(), results, strict=True)
        for operation, outcome in zip(batch, outcomes, strict=True)
    }
    return [by_operation[id(operation)] for operation in operations]


def _batches(operations: Batch) -> dict[tuple[Owner, str], list[Operation]]:
    """Return the operations that one call writes together: same owner, same kind."""
    batches: dict[tuple[Owner, str], list[Operation]] = defaultdict(list)
    for operation in operations:
        kind = operation.address.kind
        batches[HANDLERS[kind].owner(operation), kind].append(operation)
    return batches


async def _write(realm: Realm, handler: Handler, batch: Batch) -> Outcomes:
    todo = [one for one in batch if one.action is not Action.ADOPT]
    try:
        for operation in todo:
            refuse_unclear(operation)
        if todo:
            with understood():
                await handler.write(realm, todo)
    except Strange as error:
        return await _all_after_silence(realm, handler, batch, error)
    except Permanent as error:
        if len(batch) > 1:  # one refused link must not keep its neighbours from being written
            return [(await _write(realm, handler, [one]))[0] for one in batch]
        return [await _after_refusal(realm, handler, batch[0], error)]
    except Temporary as error:
        return [_failed(error.sentence, retryable=True) for _ in batch]
    except Unknown as error:
        return await _all_after_silence(realm, handler, batch, error)
    fresh = realm.again()
    return await gathered(_after_success(fresh, handler, one) for one in batch)


async def _after_success(realm: Realm, handler: Handler, operation: Operation) -> Outcome:
    """Keycloak agreed: what it made of it is read, since it can drop values without a word."""
    if operation.action is Action.ADOPT:
        return Outcome(Result.DONE, id=operation.id, fields=operation.after or {})
    try:
        found = await _found(realm, handler, operation)
    except KeycloakError as error:
        return Outcome(
            Result.UNKNOWN, f"Written, but it could not be read back: {error.sentence}", retryable=True
        )
    return _judged(operation, found, "Keycloak took it and did not keep it.")


async def _all_after_silence(realm: Realm, handler: Handler, batch: Batch, error: KeycloakError) -> Outcomes:
    fresh = realm.again()
    return await gathered(_after_silence(fresh, handler, one, error) for one in batch)


async def _after_silence(
    realm: Realm, handler: Handler, operation: Operation, error: KeycloakError
) -> Outcome:
    """The reply was lost, an error of the server's, or not understood: what is there now decides."""
    if operation.action is Action.ADOPT:
        return await _after_success(realm, handler, operation)
    try:
        found = await _found(realm, handler, operation)
    except KeycloakError as second:
        return Outcome(Result.UNKNOWN, f"{error.sentence} And: {second.sentence}", retryable=True)
    return _judged(operation, found, f"{error.sentence} It was not done.", retryable=True)


async def _after_refusal(realm: Realm, handler: Handler, operation: Operation, error: Permanent) -> Outcome:
    if isinstance(error, Changed):
        return _failed(error.sentence, retryable=True)
    if isinstance(error, NotFound) and operation.action is Action.DELETE:
        return Outcome(Result.DONE)
    if not isinstance(error, Conflict | BadRequest):
        return _failed(error.sentence)
    try:
        found = await _found(realm.again(), handler, operation)
    except KeycloakError:
        return _failed(error.sentence, retryable=True)
    if operation.action is Action.CREATE and found is not None and not _is_strange(realm, operation, found):
        return _judged(operation, found, "It exists already and is not ours.")
    if found is not None and operation.action is Action.CREATE:
        return _failed("It exists already and is not ours.")
    # A refused change can be a lost race: another write of the realm at the same moment.
    return _failed(
        error.sentence, retryable=isinstance(error, Conflict) and operation.action is Action.UPDATE
    )


def _is_strange(realm: Realm, operation: Operation, found: Resource) -> bool:
    """A realm is never taken over because it looks alike: only the id that we gave it counts."""
    return (
        operation.address == found.address and not found.address.path and found.id != id_of_our_realm(realm)
    )


async def _found(realm: Realm, handler: Handler, operation: Operation) -> Resource | None:
    with understood():
        found = await handler.read(realm, operation.address)
    return next((one for one in found if one.address == operation.address), None)


def _judged(
    operation: Operation, found: Resource | None, otherwise: str, *, retryable: bool = False
) -> Outcome:
    """Return DONE if what is there is what the operation wants, else FAILED with what differs."""
    if operation.action is Action.DELETE:
        return Outcome(Result.DONE) if found is None else _failed(otherwise, retryable=retryable)
    if found is None:
        return _failed(otherwise, retryable=retryable)
    wanted = operation.after or {}
    different = _differences(wanted, managed(operation.address, found.fields, wanted))
    if different:
        return _failed(f"{otherwise} Different: {different}.", retryable=retryable)
    if operation.action is Action.RENAME and operation.id and found.id != operation.id:
        return _failed("Another object has this name already.")
    return Outcome(Result.DONE, id=found.id, fields=found.fields)


def _differences(wanted: Fields, found: Fields) -> str:
    return ", ".join(
        f"{key} is {_shown(found.get(key))}, not {_shown(value)}"
        for key, value in wanted.items()
        if found.get(key) != value
    )


def _shown(value: object) -> str:
    shown = f"“{value}”" if isinstance(value, str) else str(value)
    return shown if len(shown) <= 80 else shown[:79] + "…"


def _failed(sentence: str, *, retryable: bool = False) -> Outcome:
    return Outcome(Result.FAILED, sentence, retryable=retryable)
