"""Columns of what rights open: the capabilities of a platform by service, and its resources by type."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby

from access.matrix.families import Families
from access.matrix.grid import Column, ColumnGroup, Width
from access.models import EntitlementType, Resource, Role
from console.graph.catalogue import Capability, Catalogue, Reading
from tenants.models import Tenant

FEW = 3
LONG_LEVEL = 14
DOUBTFUL = (Reading.AMBIGUOUS, Reading.CONTRADICTED)
CAPABILITY, RESOURCE = "capability:", "resource:"


def capability_groups(catalogue: Catalogue) -> tuple[ColumnGroup, ...]:
    """Return all capabilities as columns, a group a service, in the order of the platform."""
    titles = {note.key: note.title for note in catalogue.notes if note.kind in DOUBTFUL}
    by_service: dict[str, list[Column]] = {one.key: [] for one in catalogue.services}
    for capability in catalogue.capabilities:
        by_service.setdefault(capability.service, []).append(_capability(capability, titles))
    names = {one.key: one for one in catalogue.services}
    return tuple(
        _with_room(ColumnGroup(names[key].name if key in names else key, tuple(columns), _short(names, key)))
        for key, columns in by_service.items()
        if columns
    )


def _short(names: Mapping[str, object], key: str) -> str:
    return getattr(names.get(key), "short", "")


def _with_room(group: ColumnGroup) -> ColumnGroup:
    """Return a group of few columns so wide that its head can be read."""
    if group.has_room_for(group.head) or len(group.columns) > FEW:
        return group
    return replace(group, columns=tuple(replace(one, width=Width.LEVEL) for one in group.columns))


def _capability(capability: Capability, titles: Mapping[str, str]) -> Column:
    return Column(
        key=f"{CAPABILITY}{capability.key}",
        label=capability.short,
        title=capability.name,
        width=_width(capability),
        note=". ".join(titles[one] for one in capability.notes if one in titles)
        if capability.reading in DOUBTFUL
        else "",
    )


def _width(capability: Capability) -> Width:
    if not capability.levels:
        return Width.MARK
    return Width.LONG if max(map(len, capability.levels)) > LONG_LEVEL else Width.LEVEL


def capability_of(catalogue: Catalogue, key: str) -> Capability | None:
    """Return the capability that a column's key names, or None."""
    return catalogue.by_key.get(key.removeprefix(CAPABILITY)) if key.startswith(CAPABILITY) else None


def resource_of(key: str) -> str:
    """Return the resource (`type:name`) that a column's key names, or nothing."""
    return key.removeprefix(RESOURCE) if key.startswith(RESOURCE) else ""


def asked_of_resources(catalogue: Catalogue) -> tuple[Capability, ...]:
    """Return the capabilities that can be asked of resources."""
    return tuple(one for one in catalogue.capabilities if one.resource)


def resource_groups(
    tenant: Tenant, families: Families, capability: Capability | None
) -> tuple[ColumnGroup, ...]:
    """Return the resources that a capability acts on as columns, or all with entitlements; three queries.

    What a family's parameter names is a resource, too: its roles are for it.
    """
    declared = list(
        Resource.objects.of(tenant)
        .order_by("type__name", "name")
        .values_list("type__name", "name", "description")
    )
    named = [*declared, *((kind, name, "") for kind, name in _of_families(tenant, families))]
    wanted = capability.resource if capability else ""
    found = sorted({(kind, name): told for kind, name, told in named if wanted in ("", kind)}.items())
    width = Width.MARK if capability and not capability.levels else Width.LEVEL
    by_type = groupby(found, lambda pair: pair[0][0])
    return tuple(ColumnGroup(kind, tuple(_resources(kind, some, width))) for kind, some in by_type)


def _resources(kind: str, some: Iterable[tuple[tuple[str, str], str]], width: Width) -> Iterator[Column]:
    for (_, name), told in some:
        yield Column(f"{RESOURCE}{kind}:{name}", name, _said(kind, name, told), width)


def _said(kind: str, name: str, told: str) -> str:
    return f"{kind} {name}: {told}" if told else f"{kind} {name}"


def _of_families(tenant: Tenant, families: Families) -> Iterator[tuple[str, str]]:
    """Yield the type and the name of each thing for which a role of a family exists, each once."""
    kinds = {role: one.resource for one in families.catalogue.families for role in one.roles if one.resource}
    if not kinds:
        return
    seen: set[tuple[str, str]] = set()
    for name in _names_in(tenant, families):
        family = families.of(name)
        value = family.role.pattern.match(name) if family else None
        if family and value and family.role in kinds and (kinds[family.role], value) not in seen:
            seen.add((kinds[family.role], value))
            yield kinds[family.role], value


def _names_in(tenant: Tenant, families: Families) -> Iterable[str]:
    condition = families.condition
    return Role.objects.of(tenant).filter(condition).order_by("name").values_list("name", flat=True)


def levels_of(tenant: Tenant) -> dict[str, tuple[str, ...]]:
    """Return the levels of each type of entitlement, weakest first, with one query."""
    rows = EntitlementType.objects.of(tenant).order_by("name").values_list("name", "levels")
    return {name: tuple(levels) for name, levels in rows}
