"""A tenant and its blueprint: created from it, put under it, moved to another version, read otherwise.

What the blueprint says is declared by the functions that adoption uses, so all of it are ordinary rows; which
of them it made stands beside them.
"""

from collections.abc import Mapping
from typing import Any

from access.models import EntitlementType, NamedEntitlement, Resource
from access.services.adoption import give_up
from access.services.base import Door
from access.services.taking import OF_ACCESS, Taking
from console.audit.models import EventKind
from console.blueprints.expand import expand
from console.blueprints.model import Blueprint as Read
from console.blueprints.model import Expansion, WrongParameters
from console.change import change
from console.engine.kinds import described
from console.engine.state import Address
from console.identity.actor import Actor
from console.permissions.vocabulary import Permission
from console.sync.cause import Cause, Change
from console.sync.commands import Conflict, Refused, command
from console.sync.models import Scope
from tenants import secrets as sealing
from tenants.blueprints import field_of, parsed, realm_parameter
from tenants.loaders import tenant_named
from tenants.models import BlueprintUse, Realm, Tenant
from tenants.services import blueprints as rows
from tenants.services.blueprint_course import Course
from tenants.services.tenants import RealmTaken, creating, new_scope, new_tenant, refuse_protected

NAMED = 8


class ParameterRefused(Refused):
    """A parameter of the blueprint has a value that it does not take. `field` names it."""


@command("tenants:tenant:from-blueprint")
def create_from_blueprint(
    *,
    actor: Actor,
    slug: str,
    name: str,
    server: int,
    blueprint: str,
    version: str,
    parameters: dict[str, Any],
    secrets: sealing.Kept | None = None,
    cause: Cause | None = None,
) -> Tenant:
    """Return a new tenant with a realm of its own, with all that the blueprint says in it.

    Raises NameTaken, RealmTaken, Gone, ParameterRefused.
    """
    with creating(actor=actor, slug=slug, cause=cause) as made:
        row = rows.row_of(blueprint, version, by=actor.name)
        said = expanded(parsed(row.text), parameters, secrets, place=f"{server}")
        made.scope = _scope(server, parsed(row.text), said.realm_name)
        realm = Realm.objects.create(scope=made.scope, display_name=name, created_by=actor.name)
        tenant = new_tenant(Tenant(slug=slug, name=name, realm=realm, created_by=actor.name))
        made.touch(*rows.FIRST)
        made.record(
            f"Tenant {name}", new={"name": name, "slug": slug, "realm": realm.name, "blueprint": str(row)}
        )
        use = rows.new_use(tenant, row, said.parameters, by=actor.name)
        _follow(Door(tenant=tenant, made=made), use, said, secrets, is_new=True)
    return tenant


@command("tenants:blueprint:apply")
def put_under(
    *,
    actor: Actor,
    tenant: str,
    blueprint: str,
    version: str,
    parameters: dict[str, Any],
    secrets: sealing.Kept | None = None,
    cause: Cause | None = None,
) -> BlueprintUse:
    """Put a tenant that is there under a blueprint: what it lacks is made, what it has stays as it is.

    Raises Refused for a share, for a tenant that stands under one, and for another realm's name, Gone.
    """
    owner = tenant_named(actor, tenant)
    with _opened(actor, owner, cause) as made:
        row = rows.row_of(blueprint, version, by=actor.name)
        said = expanded(parsed(row.text), parameters, secrets, place=owner.slug)
        _refuse_place(owner, said)
        use = rows.new_use(owner, row, said.parameters, by=actor.name)
        made.record(f"Tenant {owner}", new={"blueprint": str(row), "parameters": dict(said.parameters)})
        _follow(Door(tenant=owner, made=made), use, said, secrets)
    return use


@command("tenants:blueprint:move")
def move(
    *,
    actor: Actor,
    tenant: str,
    revision: int,
    version: str,
    parameters: dict[str, Any],
    secrets: sealing.Kept | None = None,
    cause: Cause | None = None,
) -> BlueprintUse:
    """Move a tenant to another version of its blueprint, or only to other parameters of the same.

    What was changed here is kept and said; only what the blueprint made is taken away. Raises Conflict,
    Refused for a tenant without a blueprint, Gone.
    """
    owner = tenant_named(actor, tenant)
    with _opened(actor, owner, cause) as made:
        use = _use_of(owner, revision)
        row = rows.row_of(use.blueprint.key, version, by=actor.name)
        said = expanded(parsed(row.text), parameters, secrets, place=owner.slug)
        _refuse_place(owner, said)
        _refuse_fixed(parsed(row.text), use.parameters, said.parameters)
        old = {"blueprint": str(use.blueprint), "parameters": use.parameters}
        _refuse_same(use, row.digest, said.parameters, secrets)
        _tell_readings(made, parsed(row.text), use.parameters, said.parameters)
        use.blueprint, use.parameters, use.revision = row, dict(said.parameters), revision + 1
        made.record(f"Tenant {owner}", old=old, new={"blueprint": str(row), "parameters": use.parameters})
        _follow(Door(tenant=owner, made=made), use, said, secrets)
        use.save(update_fields=["blueprint", "parameters", "revision"])
    return use


def expanded(
    read: Read, parameters: Mapping[str, Any], secrets: sealing.Kept | None, *, place: str
) -> Expansion:
    """Return what a blueprint says. `secrets` are sealed for this place. Raises ParameterRefused."""
    opened = sealing.opened_parameters(secrets or {}, place=place)
    try:
        return expand(read, {**parameters, **opened})
    except WrongParameters as error:
        name, sentence = next(iter(error.errors.items()))
        raise ParameterRefused(sentence, field=field_of(name)) from error


def _scope(server: int, read: Read, realm: str) -> Scope:
    """Return the row of the new realm. What is wrong with its name belongs to the parameter that makes it."""
    try:
        refuse_protected(realm)
        return new_scope(server, realm)
    except RealmTaken as error:
        makes = realm_parameter(read)
        raise RealmTaken(str(error), field=field_of(makes) if makes else None) from error


def _opened(actor: Actor, owner: Tenant, cause: Cause | None) -> Any:
    return change(
        actor=actor,
        permission=Permission.BLUEPRINT_APPLY,
        event=EventKind.TENANTS_BLUEPRINT_APPLIED,
        scope=owner.realm.scope,
        tenant=owner.slug,
        cause=cause,
    )


def _use_of(owner: Tenant, revision: int) -> BlueprintUse:
    use = (
        BlueprintUse.objects.select_for_update(of=("self",))
        .select_related("blueprint")
        .filter(tenant=owner)
        .first()
    )
    if use is None:
        raise Refused(f"{owner} stands under no blueprint.")
    if use.revision != revision:
        raise Conflict(
            "Somebody changed the blueprint of this tenant meanwhile.",
            theirs={field_of(name): value for name, value in use.parameters.items()},
            revision=use.revision,
        )
    return use


def _refuse_place(owner: Tenant, said: Expansion) -> None:
    if owner.is_share:
        raise Refused(f"{owner} has a share of a realm. A blueprint makes a realm of its own.")
    if said.realm_name != owner.realm.name:
        raise Refused(
            f"With these parameters the realm is {said.realm_name}, and this tenant's is {owner.realm}. "
            "A realm's name is part of every token's issuer and cannot change."
        )


def _refuse_fixed(read: Read, was: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    for one in read.parameters:
        if one.fixed and one.name in was and was[one.name] != now.get(one.name):
            raise ParameterRefused("This cannot be changed any more.", field=field_of(one.name))


def _refuse_same(
    use: BlueprintUse, digest: str, parameters: Mapping[str, Any], secrets: sealing.Kept | None
) -> None:
    if use.blueprint.digest == digest and use.parameters == dict(parameters) and not secrets:
        raise Refused("The tenant has this version with these parameters already.")


# --- what it makes ----------------------------------------------------------------------------------


def _follow(
    opened: Door, use: BlueprintUse, said: Expansion, secrets: sealing.Kept | None, *, is_new: bool = False
) -> None:
    """Declare what the blueprint says, as far as nobody changed it here, and remember what it made."""
    realm, made = opened.tenant.realm, opened.made
    wanted = rows.kept_form({one.address: one.fields for one in said.state})
    course = rows.course_for(use, realm, wanted, is_new=is_new)
    give_up(opened, [one for one in course.drop if one != rows.REALM])
    _presets(opened, said)
    rows.declare(made, realm, course.put, _sealed(realm, said, secrets))
    _of_access(opened, course)
    rows.keep_parts(use, course.parts)
    _tell_kept(made, course)
    for one in said.criticals:
        made.tell(f"{one.label}: {one.sentence}")


def _of_access(opened: Door, course: Course) -> None:
    work = Taking(opened, {one: fields for one, fields in course.put.items() if one.kind in OF_ACCESS})
    work.take()
    if work.left:
        address, why = sorted(work.left.items())[0]
        raise Refused(f"The blueprint's {described(address)} cannot be declared: {why}")


def _sealed(
    realm: Realm, said: Expansion, secrets: sealing.Kept | None
) -> dict[Address, dict[str, dict[str, str]]]:
    """Return the secrets for what holds them, each with the version of what was typed.

    The version was made with the form: a preview and its apply must see the same.
    """
    version = "-".join(sorted(one["version"] for one in (secrets or {}).values()))
    return {
        address: {
            name: {**one, "version": version}
            for name, one in sealing.sealed(realm.scope, address, values).items()
        }
        for address, values in said.secrets.items()
        if version
    }


def _presets(opened: Door, said: Expansion) -> None:
    """Declare the types of entitlements, the resources and the named entitlements that are not there yet."""
    realm, by = opened.tenant.realm, opened.by
    types = {row.name: row for row in EntitlementType.objects.filter(realm=realm)}
    for kind in said.catalogue.entitlements:
        if kind.name not in types:
            types[kind.name] = EntitlementType.objects.create(
                realm=realm,
                name=kind.name,
                levels=list(kind.levels),
                description=kind.description[:255],
                created_by=by,
            )
            opened.made.record(f"Entitlement type {kind.name}", new={"levels": list(kind.levels)})
        elif missing := [one for one in kind.levels if one not in types[kind.name].levels]:
            opened.made.tell(f"The entitlement type {kind.name} stays without {', '.join(missing)}.")
    found = {
        (row.type.name, row.name): row for row in Resource.objects.filter(realm=realm).select_related("type")
    }
    for one in said.resources:
        _resource(opened, types, found, one.type, one.name, one.description)
    names = set(NamedEntitlement.objects.filter(realm=realm).values_list("name", flat=True))
    for entitlement in said.entitlements:
        if entitlement.name not in names:
            NamedEntitlement.objects.create(
                realm=realm,
                name=entitlement.name,
                resource=_resource(opened, types, found, entitlement.type, entitlement.resource),
                level=entitlement.level,
                description=entitlement.description[:255],
                created_by=by,
            )
            opened.made.record(f"Entitlement {entitlement.name}", new={"level": entitlement.level})


def _resource(
    opened: Door,
    types: Mapping[str, EntitlementType],
    found: dict[tuple[str, str], Resource],
    kind: str,
    name: str,
    description: str = "",
) -> Resource:
    if (kind, name) not in found:
        found[kind, name] = Resource.objects.create(
            realm=opened.tenant.realm,
            type=types[kind],
            name=name,
            description=description[:255],
            created_by=opened.by,
        )
        opened.made.record(f"Resource {kind} {name}", new={"description": description})
    return found[kind, name]


# --- what is said -----------------------------------------------------------------------------------


def _tell_kept(made: Change, course: Course) -> None:
    kept = course.kept
    if not kept:
        return
    words = "; ".join(f"{described(one.address)} ({one.why})" for one in kept[:NAMED])
    more = f"; and {len(kept) - NAMED:,} more" if len(kept) > NAMED else ""
    stays = "1 thing stays as it is here" if len(kept) == 1 else f"{len(kept):,} things stay as they are here"
    made.tell(f"{stays}, though the blueprint says otherwise.", follows=f"{words}{more}.")


def _tell_readings(made: Change, read: Read, was: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    for one in read.parameters:
        if one.name in was and was[one.name] != now.get(one.name):
            made.tell(f"{one.label}: {_shown(was[one.name])} becomes {_shown(now.get(one.name))}.")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "nothing"
    return str(value) if value not in ("", None) else "nothing"
