"""One life of things of many kinds: made, changed, renamed, deleted, from the table of samples of all kinds.

It declares what a form would, and approves what a preview would show; the workers do the rest.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import sleep

from django.db import transaction
from django.utils import timezone

from console.engine.kinds import REALM, spec_of
from console.engine.state import Address, Fields, Kind, Selection, State
from console.keycloak.errors import Temporary
from console.keycloak.target import KeycloakTarget
from console.sync import guarding, queue, touched
from console.sync.administration import Asked
from console.sync.approvals import ends_of
from console.sync.collect import collect, compared
from console.sync.models import Plan, Scope
from tenants.desired import FIRST
from tenants.models import Declaration, Realm
from tests.contract.samples import SAMPLES
from tests.contract.samples.sample import Sample
from tests.factories import Platform

Declared = Mapping[Address, Fields]
Moved = dict[Address, Address | None]  # with the former address of what is renamed


@dataclass(frozen=True)
class Stage:
    """What is declared from now on, and which of it had another address before."""

    name: str
    declared: Declared
    renamed: Mapping[Address, Address]
    title: str | None = None  # of the realm


def families(count: int) -> list[list[Sample]]:
    """Return the samples of all kinds, in so many lists: neighbours of the table stand on the same ground."""
    samples = list(SAMPLES.values())
    size = -(-len(samples) // count)
    return [samples[first : first + size] for first in range(0, len(samples), size)]


def ground_of(samples: Iterable[Sample]) -> Declared:
    """Return what is there before anything is done: Keycloak's own things as it makes them, too."""
    given = {one.address: one.whole for one in samples if spec_of(one.address).is_given}
    return given | {one.address: one.fields for sample in samples for one in sample.ground}


def stages(samples: Sequence[Sample]) -> Iterator[Stage]:
    """Yield the life of these samples on their ground. The realm itself is only changed, not made anew."""
    ground = ground_of(samples)
    made = [one for one in samples if one.kind is not Kind.REALM]
    title = "Changed" if len(made) < len(samples) else None
    yield Stage("create", {**ground, **{one.address: one.whole for one in made}}, {})
    changed = {one.address: one.one_change if one.changes else one.whole for one in made}
    yield Stage("update", {**ground, **changed}, {}, title)
    names = {one.renamed: one.address for one in made if one.renamed is not None}
    was = {old: new for new, old in names.items()}
    yield Stage("rename", {**ground, **{was.get(at, at): fields for at, fields in changed.items()}}, names)
    yield Stage("delete", ground, {}, title and "Acme")


def ready(platform: Platform) -> None:
    """Let the realm have what the samples need, as the table of samples has it."""
    platform.keycloak.put(
        json=platform.keycloak.get() | {"organizationsEnabled": True, "editUsernameAllowed": True}
    )


def declare(platform: Platform, stage: Stage) -> Plan:
    """Let this be declared, and approve what it takes. It commits together, as a form's change does."""
    with transaction.atomic():
        return _approved(platform, stage.name, _declared(platform.row.realm, stage))


def give_up(platform: Platform) -> Plan:
    """Let the realm no longer be declared, and approve that it is deleted."""
    realm = platform.row.realm
    with transaction.atomic():
        Realm.objects.filter(pk=realm.pk).update(is_declared=False, has_carrier=False)
        return _approved(platform, "give up", dict.fromkeys(FIRST))


def _declared(realm: Realm, stage: Stage) -> Moved:
    """Declare a stage, and return what differs from the one before."""
    rows = Declaration.objects.filter(realm=realm)
    before = {row.at: row.fields for row in rows}
    rows.delete()
    Declaration.objects.bulk_create(
        Declaration(realm=realm, address=one.key, kind=one.kind.value, fields=dict(fields), created_by="t")
        for one, fields in stage.declared.items()
    )
    moved = _different(before, stage)
    if stage.title is not None:
        Realm.objects.filter(pk=realm.pk).update(display_name=stage.title)
        moved[REALM] = None
    return moved


def _approved(platform: Platform, title: str, moved: Moved) -> Plan:
    """Touch these addresses in the caller's transaction, approve all that they take, and ask for a run."""
    scope = platform.scope
    Scope.objects.select_for_update(of=("self",)).get(pk=scope.pk)
    scope.generation += 1
    Scope.objects.filter(pk=scope.pk).update(generation=scope.generation, attempts=0, next_attempt_at=None)
    plan = Plan.objects.create(
        scope=scope,
        scope_name=str(scope),
        title=title,
        command="",
        values={},
        tenant=platform.tenant,
        actor_key=platform.actor.key,
        actor_name=platform.actor.name,
        read_at=timezone.now(),
        state=Plan.State.APPLIED,
        applied_at=timezone.now(),
        applied_by=platform.actor.name,
    )
    touched.keep(scope, moved, plan_id=plan.pk)
    work = collect(scope, scope.touched.all())
    target = KeycloakTarget(platform.keycloak.connection, scope.realm)  # beside what holds the workers
    found = compared(work, _read(target, work.to_read))
    assert not found.conflicts, found.conflicts
    plan.fingerprints = sorted(found.fingerprints)
    plan.targets = ends_of(found.operations)
    asked = (Asked(actor_key=platform.actor.key, tenant=platform.tenant),)
    ground = guarding.Ground(scope=scope, asked=asked, read=target.read)
    plan.stops = [one.as_json() for one in guarding.stops_of(found, ground=ground)]
    plan.save(update_fields=["fingerprints", "targets", "stops"])
    queue.enqueue(scope)
    return plan


def _different(before: Declared, stage: Stage) -> Moved:
    """Return what differs from what was declared before, with the former address of what is renamed."""
    after = stage.declared
    gone = before.keys() - after.keys() - set(stage.renamed.values())
    other = {one for one, fields in after.items() if one not in before or before[one] != fields}
    return {**dict.fromkeys(gone), **{one: stage.renamed.get(one) for one in other}}


def found_in(platform: Platform, addresses: Iterable[Address]) -> dict[Address, Fields]:
    """Return what Keycloak holds at these addresses."""
    target = KeycloakTarget(platform.keycloak.connection, platform.realm)
    return {one.address: one.fields for one in _read(target, Selection(frozenset(addresses)))}


def everything_in(platform: Platform) -> Mapping[Address, tuple[str | None, Fields]]:
    """Return all that Keycloak holds, with its ids."""
    target = KeycloakTarget(platform.keycloak.connection, platform.realm)
    return {one.address: (one.id, one.fields) for one in _read(target, Selection.all())}


def _read(target: KeycloakTarget, selection: Selection) -> State:
    """Read, and read again where a busy Keycloak gives an error: an operator would press the button again."""
    for _ in range(4):
        try:
            return target.read(selection)
        except Temporary:
            sleep(1)
    return target.read(selection)


def missing_in(platform: Platform, stage: Stage) -> list[str]:
    """Return what of a stage is not in Keycloak, or not as it was declared."""
    found = found_in(platform, stage.declared)
    wrong = [str(one) for one in stage.declared if one not in found]
    return wrong + [
        f"{one}: {name} is {found[one].get(name)!r}, not {value!r}"
        for one, fields in stage.declared.items()
        for name, value in fields.items()
        if one in found and not _holds(found[one].get(name), value)
    ]


def _holds(found: object, declared: object) -> bool:
    """Tell whether a value is as declared. Of settings those that were named: Keycloak adds others."""
    if isinstance(declared, dict) and isinstance(found, dict):
        return all(found.get(key, "") == value for key, value in declared.items())
    return found == declared
