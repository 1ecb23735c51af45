"""Many new people by Keycloak's partial import, with their groups and roles, as if each had been created.

An import asks nobody: it takes values that a user profile refuses, makes roles that do not exist, gives
no defaults and knows no directory. So all of that is looked at before (docs/adr/0008).
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from console.engine.operation import Operation
from console.engine.state import Kind
from console.engine.target import Outcome, Result
from console.keycloak import bulk
from console.keycloak.closing import LEFT, NOT_KEPT, Open, Settled, failure, judged
from console.keycloak.errors import Permanent, Strange, Temporary, Unknown, understood
from console.keycloak.kinds.person import representation_of
from console.keycloak.names import refuse_unclear
from console.keycloak.new_people import NewPerson
from console.keycloak.proving import is_proven, made_of
from console.keycloak.realm import Json, Realm, gathered
from console.keycloak.recording import Record
from console.portions import portions

CHUNK = 25  # people a call: beyond that it grows with the square
AT_ONCE = 6
BEGUN = 100  # people who are begun together: one entry in the record for four calls
# What is begun is finished after a pause, so no more is begun ahead than the calls of one moment need.
AHEAD = 1 + AT_ONCE * CHUNK // BEGUN
MANY = 100  # from here on links are proven by witnesses, and whoever asked reads the realm whole afterwards
_DIRECTORY = "org.keycloak.storage.UserStorageProvider"

Ends = dict[int, Settled]
Ended = dict[int, Outcome]


@dataclass(frozen=True)
class Called:
    """How operations ended, who was refused, and of whose links a witness told."""

    ends: Ends
    refused: Sequence[NewPerson] = ()
    proven: Sequence[NewPerson] = ()


# What Keycloak's own user profile asks of a value, and a form of it that passes for sure: whoever has
# another one is created by a call that says what is wrong with it.
# https://www.keycloak.org/docs/latest/server_admin/index.html#_validation
_CHECKED = {
    "username": {"length", "username-prohibited-characters", "up-username-not-idn-homograph"},
    "email": {"length", "email"},
    "firstName": {"length", "person-name-prohibited-characters"},
    "lastName": {"length", "person-name-prohibited-characters"},
}
_NAME = re.compile(r"(?:[^\W_]|[ '.,-]){0,255}")
_FIT = {
    "username": re.compile(r"[a-z0-9][a-z0-9._@+-]{2,254}"),
    "email": re.compile(r"(?:[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})?"),
    "firstName": _NAME,
    "lastName": _NAME,
}
_LONGEST_LOCAL_PART = 64


@dataclass(frozen=True)
class Ground:
    """What a realm gives to everybody who is created there, and what it asks of them."""

    roles: frozenset[str]
    groups: frozenset[str]
    default_role: str
    default_groups: tuple[str, ...]
    actions: tuple[str, ...]
    required: frozenset[str]
    lengths: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def takes(self, person: NewPerson) -> bool:
        """Tell whether an import makes of somebody what a creation would make."""
        try:
            for operation in person.operations:
                refuse_unclear(operation)
        except Permanent:
            return False
        if not self.roles.issuperset(person.names_of(Kind.PERSON_ROLE)):
            return False
        return self.groups.issuperset(person.names_of(Kind.MEMBERSHIP)) and self._fits(person)

    def _fits(self, person: NewPerson) -> bool:
        whole = representation_of(person.creation)
        for name, form in _FIT.items():
            value = whole.get(name) or ""
            least, most = self.lengths.get(name, (0, 255))
            if not form.fullmatch(value) or len(value) > most or (value and len(value) < least):
                return False
            if not value and name in self.required:
                return False
        return len((whole.get("email") or "").partition("@")[0]) <= _LONGEST_LOCAL_PART

    def representation(self, person: NewPerson) -> Json:
        """Return somebody for an import, which gives no defaults unless they are named."""
        paths = {f"/{path}" for path in person.names_of(Kind.MEMBERSHIP)}
        return representation_of(person.creation) | {
            "groups": sorted(paths.union(self.default_groups)),
            "realmRoles": sorted({self.default_role, *person.names_of(Kind.PERSON_ROLE)}),
            "requiredActions": list(self.actions),
        }


async def ground_of(realm: Realm) -> Ground | None:
    """Return what an import must know of the realm as it is now, or None where it cannot be used.

    It cannot where people are kept in a directory, where the profile asks for more than we know, and
    where we may not look at all of this. Raises Temporary.
    """
    fresh = realm.again()
    try:
        with understood():
            return await _ground_of(fresh)
    except Permanent:
        return None


async def _ground_of(realm: Realm) -> Ground | None:
    directories, profile, actions, groups, whole, roles, listed = await asyncio.gather(
        realm.get("components", query={"type": _DIRECTORY}),
        realm.get("users", "profile"),
        realm.get("authentication", "required-actions"),
        realm.get("default-groups"),
        realm.representation(),
        bulk.roles(realm),
        bulk.groups(realm),
    )
    rules = {one["name"]: one for one in profile["attributes"]}
    if directories or whole is None or not _is_known(rules):
        return None
    return Ground(
        roles=frozenset(roles.clear),
        groups=frozenset(listed.clear),
        default_role=whole["defaultRole"]["name"],
        default_groups=tuple(one["path"] for one in groups),
        actions=tuple(one["alias"] for one in actions if one["enabled"] and one["defaultAction"]),
        required=frozenset(name for name, rule in rules.items() if _is_required(rule)),
        lengths={name: _length(rule) for name, rule in rules.items()},
    )


def _is_known(rules: Mapping[str, Json]) -> bool:
    """Tell whether we know all that the profile asks of somebody whom an administrator creates."""
    known = all(set(rules.get(name, {}).get("validations", {})) <= _CHECKED[name] for name in _FIT)
    return known and all(name in _FIT for name, rule in rules.items() if _is_required(rule))


def _is_required(rule: Json) -> bool:
    """Tell whether an administrator, too, must give a value.

    https://www.keycloak.org/docs/latest/server_admin/index.html#_defining-ui-annotations
    """
    required = rule.get("required")
    if required is None:
        return False
    roles = required.get("roles")
    return not roles or "admin" in roles


def _length(rule: Json) -> tuple[int, int]:
    asked = rule.get("validations", {}).get("length", {})
    return int(asked.get("min", 0)), int(asked.get("max", 255))


async def imported(
    realm: Realm, people: Sequence[NewPerson], ground: Ground, record: Record
) -> tuple[Ends, list[NewPerson]]:
    """Return how each operation ended, and the people of calls that were refused as a whole.

    Of many, whoever is as she shall be is told to the record while others are still being made.
    Raises what `before_write` or the record raised, after all that was under way has ended.
    """
    gate, together = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(AHEAD)

    async def call(chunk: Sequence[NewPerson]) -> Called:
        async with gate:
            called = await _one_call(realm, chunk, ground)
        done = {one.username for one in called.proven}
        if len(people) < MANY or not done or not await is_proven(realm, called.proven):
            called = replace(called, proven=())
        left = [one for one in chunk if one.username not in done and id(one.creation) not in called.ends]
        return replace(called, refused=left)

    async def some(group: Sequence[NewPerson]) -> Called:
        async with together:
            if not await record.begin(_operations(group)):
                return Called(_all(group, LEFT))
            called = _joined(await gathered(call(chunk) for chunk in portions(group, CHUNK)))
        known = await _read_back(realm, called.proven)
        await record.end([(one, known[id(one)]) for one in _operations(called.proven) if id(one) in known])
        return replace(called, ends={**called.ends, **known})

    called = _joined(await gathered(some(group) for group in portions(people, BEGUN)))
    return called.ends, list(called.refused)


def _joined(several: Sequence[Called]) -> Called:
    """Return several calls as one."""
    ends: Ends = {}
    for one in several:
        ends |= one.ends
    refused = [person for one in several for person in one.refused]
    return Called(ends, refused, [person for one in several for person in one.proven])


async def _read_back(realm: Realm, people: Sequence[NewPerson]) -> Ended:
    """Return how everything of these people ended, as far as each is as she shall be.

    All of whoever is not, or could not be looked at, is read back at the end.
    """
    found = await made_of(realm, people)
    known: Ended = {}
    for person in people:
        if (there := found.get(person.creation.address)) is None:
            continue
        outcome = judged(person.creation, there, NOT_KEPT)
        if outcome.result is Result.DONE:
            known |= {id(person.creation): outcome} | {id(one): _KEPT for one in person.links}
    return known


_KEPT = Outcome(Result.DONE)


async def _one_call(realm: Realm, chunk: Sequence[NewPerson], ground: Ground) -> Called:
    """Return what is known of operations, and in `proven` who was made, which is still to be proven."""
    try:
        with understood():
            results = await realm.import_people([ground.representation(one) for one in chunk])
            added = {one["resourceName"]: one["id"] for one in results if one["action"] == "ADDED"}
    except Temporary as error:
        return Called(_all(chunk, failure(error.sentence, retryable=True)))
    except (Strange, Unknown) as error:
        if error.status == 500:  # an error inside Keycloak: nothing of the call was kept
            return Called({})
        return Called(_all(chunk, Open.after_silence(error)))
    except Permanent:
        return Called({})
    realm.seen.update((one.creation.address, added[one.username]) for one in chunk if one.username in added)
    made = [one for one in chunk if one.username in added]
    return Called(_all(made, Open(NOT_KEPT)), proven=made)


def _operations(people: Sequence[NewPerson]) -> list[Operation]:
    return [one for person in people for one in person.operations]


def _all(people: Sequence[NewPerson], end: Settled) -> Ends:
    return {id(one): end for one in _operations(people)}
