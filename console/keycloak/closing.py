"""What became of writes: read back, compared, and answered one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.engine.kinds import managed
from console.engine.operation import Action, Operation
from console.engine.state import Address, Fields, Resource
from console.engine.target import Outcome, Result
from console.keycloak import reading
from console.keycloak.errors import KeycloakError, understood
from console.keycloak.kinds import HANDLERS
from console.keycloak.realm import Realm, gathered

NOT_KEPT = "Keycloak took it and did not keep it."
MANY = 10  # from here on they are read back together, by complete lists where those cost less


@dataclass(frozen=True, slots=True)
class Open:
    """A write of which nothing is said before it was read back: it was done, or its reply was lost.

    `otherwise` is what is said if it is not there, `error` why nobody knows.
    """

    otherwise: str = NOT_KEPT
    error: str = "Written, but it could not be read back:"
    retryable: bool = False

    @classmethod
    def after_silence(cls, error: KeycloakError) -> "Open":
        """The reply was lost, an error of the server's, or not understood: what is there now decides."""
        return cls(f"{error.sentence} It was not done.", f"{error.sentence} And:", retryable=True)


Settled = Outcome | Open
LEFT = Outcome(Result.LEFT, "It was paused before this.")


async def closed(realm: Realm, operations: Sequence[Operation], settled: Sequence[Settled]) -> list[Outcome]:
    """Return one outcome per operation; what is open is read back."""
    pairs = list(zip(operations, settled, strict=True))
    found = await _found(realm.again(), [one for one, end in pairs if isinstance(end, Open)])
    return [_closed(one, end, found) if isinstance(end, Open) else end for one, end in pairs]


@dataclass(frozen=True, slots=True)
class Unclear:
    """Why something could not be read back."""

    sentence: str


Found = Mapping[Address, Resource | None | Unclear]


async def _found(realm: Realm, operations: Sequence[Operation]) -> Found:
    """Return what stands at each address, or why that could not be read."""
    addresses = list(dict.fromkeys(one.address for one in operations))
    if len(addresses) > MANY:
        try:
            state = await reading.of_addresses(realm, frozenset(addresses), alone=True)
        except KeycloakError:
            pass  # one by one, so that one that cannot be read is not the end of all
        else:
            closed = {one: why for one in addresses if (why := state.why_unreadable(one))}
            return {one: Unclear(closed[one]) if one in closed else state.get(one) for one in addresses}
    found = await gathered(_one_found(realm, one) for one in addresses)
    return dict(zip(addresses, found, strict=True))


async def _one_found(realm: Realm, address: Address) -> Resource | None | Unclear:
    try:
        return await read_back(realm, address)
    except KeycloakError as error:
        return Unclear(error.sentence)


async def read_back(realm: Realm, address: Address) -> Resource | None:
    """Return what stands at an address now. Raises KeycloakError."""
    with understood():
        found = await HANDLERS[address.kind].read_alone(realm, address)
    return next((one for one in found if one.address == address), None)


def _closed(operation: Operation, end: Open, all_found: Found) -> Outcome:
    found = all_found[operation.address]
    if isinstance(found, Unclear):
        return Outcome(Result.UNKNOWN, f"{end.error} {found.sentence}", retryable=True)
    return judged(operation, found, end.otherwise, retryable=end.retryable)


def judged(
    operation: Operation, found: Resource | None, otherwise: str, *, retryable: bool = False
) -> Outcome:
    """Return DONE if what is there is what the operation wants, else FAILED with what differs."""
    if operation.action is Action.DELETE:
        return Outcome(Result.DONE) if found is None else failure(otherwise, retryable=retryable)
    if found is None:
        return failure(otherwise, retryable=retryable)
    wanted = operation.after or {}
    different = _differences(wanted, managed(operation.address, found.fields, wanted))
    if different:
        return failure(f"{otherwise} Different: {different}.", retryable=retryable)
    if operation.action is Action.RENAME and operation.id and found.id != operation.id:
        return failure("Another object has this name already.")
    return Outcome(Result.DONE, id=found.id, fields=found.fields)


def failure(sentence: str, *, retryable: bool = False) -> Outcome:
    """Return a failed outcome."""
    return Outcome(Result.FAILED, sentence, retryable=retryable)


def _differences(wanted: Fields, found: Fields) -> str:
    return ", ".join(
        f"{key} is {_shown(found.get(key))}, not {_shown(value)}"
        for key, value in wanted.items()
        if found.get(key) != value
    )


def _shown(value: object) -> str:
    shown = f"“{value}”" if isinstance(value, str) else str(value)
    return shown if len(shown) <= 80 else shown[:79] + "…"
