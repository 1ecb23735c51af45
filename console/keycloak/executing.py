"""Executing a batch: piece by piece, many new groups and people at once, all of it read back."""

from collections.abc import Sequence

from console.engine.batches import owner_of
from console.engine.operation import Action, Operation
from console.engine.state import Address, Kind
from console.engine.target import Outcome, Result
from console.keycloak import importing
from console.keycloak.closing import LEFT, Settled, closed, failure
from console.keycloak.new_people import NewPerson
from console.keycloak.planting import planted, trees_of
from console.keycloak.realm import Realm
from console.keycloak.recording import Record
from console.keycloak.writing import write
from console.portions import portions

Ends = dict[int, Settled]  # by the identity of the operation

PIECE = 200  # operations that are begun together
FEWEST = 5  # new people for which an import is worth what must be asked before it


async def execute(realm: Realm, operations: Sequence[Operation], record: Record) -> list[Outcome]:
    """Return one outcome per operation, in order.

    Raises what `before_write` or the record raised, after all that was under way has ended.
    """
    people, rest = _new_people(operations)
    trees, rest = trees_of(rest)
    ends = await _pieces(realm, rest, record)
    ends |= await planted(realm, trees, record.begin)
    if len(people) >= FEWEST and (ground := await importing.ground_of(realm)):
        ends |= await _imported(realm, people, ground, record)
    else:
        ends |= await _one_by_one(realm, people, record)
    return await closed(realm, operations, [ends[id(one)] for one in operations])


def _new_people(operations: Sequence[Operation]) -> tuple[list[NewPerson], list[Operation]]:
    """Return the new people, each with the links that go with her, and all other operations."""
    created = {
        one.address: one
        for one in operations
        if one.action is Action.CREATE and one.address.kind is Kind.PERSON
    }
    links: dict[Address, list[Operation]] = {address: [] for address in created}
    rest = []
    for one in operations:
        owner = owner_of(one)
        if owner in links:
            links[owner].append(one)
        elif created.get(one.address) is not one:
            rest.append(one)
    return [NewPerson(one, tuple(links[address])) for address, one in created.items()], rest


async def _pieces(realm: Realm, operations: Sequence[Operation], record: Record) -> Ends:
    ends: Ends = {}
    for piece in portions(operations, PIECE):
        may = await record.begin(piece)
        written = await write(realm, piece) if may else [LEFT] * len(piece)
        ends |= {id(one): end for one, end in zip(piece, written, strict=True)}
    return ends


async def _one_by_one(realm: Realm, people: Sequence[NewPerson], record: Record) -> Ends:
    ends: Ends = {}
    for some in portions(people, importing.CHUNK):
        if await record.begin([one for person in some for one in person.operations]):
            ends |= await singly(realm, some)
        else:
            ends |= {id(one): LEFT for person in some for one in person.operations}
    return ends


async def _imported(
    realm: Realm, people: Sequence[NewPerson], ground: importing.Ground, record: Record
) -> Ends:
    """Import who can be imported, and make the others one by one, with all whom an import refused."""
    fit = [one for one in people if ground.takes(one)]
    chosen = {id(one.creation) for one in fit}
    ends, refused = await importing.imported(realm, fit, ground, record)
    for some in portions(refused, importing.CHUNK):
        ends |= await singly(realm, some)
    unfit = [one for one in people if id(one.creation) not in chosen]
    return ends | await _one_by_one(realm, unfit, record)


async def singly(realm: Realm, people: Sequence[NewPerson]) -> Ends:
    """Make people one call each, and then their links; who could not be made gets none."""
    creations = [one.creation for one in people]
    made = await closed(realm, creations, await write(realm, creations))
    ends: Ends = {id(one): end for one, end in zip(creations, made, strict=True)}
    links: list[Operation] = []
    for person, outcome in zip(people, made, strict=True):
        if outcome.result is Result.DONE:
            links += person.links
        else:
            ends |= {id(one): _without(person, outcome) for one in person.links}
    written = await write(realm, links)
    return ends | {id(one): end for one, end in zip(links, written, strict=True)}


def _without(person: NewPerson, outcome: Outcome) -> Outcome:
    sentence = f"{person.username} could not be created: {outcome.sentence}"
    return failure(sentence, retryable=outcome.retryable)
