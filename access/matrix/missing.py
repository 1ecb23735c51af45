"""What is missing for a yes, in words: those nearest to it first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from access.explain import Named, Names
from access.matrix.wording import entitlement_words
from access.models import Entitlement, PersonRole
from console.graph.catalogue import Catalogue
from console.graph.edges import Node, NodeKind, entitlement, role
from console.graph.whynot import Lack, Missing, Period
from console.timed import Term
from tenants.models import Tenant

SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """One reason for a no, and the rights that it is about."""

    sentence: str
    rights: tuple[Named, ...] = ()
    more: int = 0


def lacking_of(found: Iterable[Missing], catalogue: Catalogue, names: Names) -> tuple[Lacking, ...]:
    """Return the reasons, with all rights that are missing for the same one together."""
    rights: dict[Lack, list[Missing]] = {}
    reasons: list[Lacking] = []
    for one in found:
        if one.lack in _OF_RIGHTS:
            rights.setdefault(one.lack, []).append(one)
        else:
            reasons.append(Lacking(sentence=_sentence(one, catalogue)))
    reasons.extend(_together(lack, some, catalogue, names) for lack, some in rights.items())
    return tuple(dict.fromkeys(reasons))


_OF_RIGHTS = {
    Lack.NO_ROLE: "No role of the platform is held. One of these would give it:",
    Lack.ROLE_LACKS: "What is held does not give it. One of these would:",
    Lack.NOT_MAPPED: "The client scope is not given to anybody with these roles:",
    Lack.UNREAD: "Not known, because it could not be read who has:",
}


def _together(lack: Lack, some: list[Missing], catalogue: Catalogue, names: Names) -> Lacking:
    nodes = list(dict.fromkeys(one.right for one in some if one.right is not None))
    shown = tuple(_named(node, catalogue, names) for node in nodes[:SHOWN])
    return Lacking(sentence=_OF_RIGHTS[lack], rights=shown, more=max(0, len(nodes) - SHOWN))


def _named(node: Node, catalogue: Catalogue, names: Names) -> Named:
    found = names.named(node)
    title = catalogue.titles.get(node.name, "")
    return Named(words=f"{title} ({found.words})" if title else found.words, url=found.url)


def _sentence(one: Missing, catalogue: Catalogue) -> str:
    right = catalogue.titles.get(one.right.name, one.right.name) if one.right else ""
    match one.lack:
        case Lack.NO_ENTITLEMENT:
            return f"{right} is held, and no entitlement that it asks for: {_needed(one)}."
        case Lack.TOO_WEAK:
            has = ", ".join(map(entitlement_words, one.has))
            return f"{right} is held, and the entitlement is too weak: {has}, needed is {_needed(one)}."
        case Lack.NOT_OWNER:
            return f"{right} is held, and the resource is somebody else's."
        case Lack.NOT_BEGUN:
            return f"{right} is given, and begins on {_day(one.period, begins=True)}."
        case Lack.ENDED:
            return f"{right} was given, and ended on {_day(one.period, begins=False)}."
        case Lack.OTHER_RESOURCE:
            return f"{right} is held, and is for another resource."
        case Lack.NO_SUCH:
            return "The platform has no such capability on resources of this type."
    return f"{right} is held, and a condition of the request is not met."


def _needed(one: Missing) -> str:
    if not one.needed:
        return "one to a resource of this type"
    return f"{entitlement_words(one.needed[0])}{' or stronger' if len(one.needed) > 1 else ''}"


def _day(period: Period | None, *, begins: bool) -> str:
    at = (period.starts_at if begins else period.ends_at) if period else None
    return f"{at:%-d %b %Y, %H:%M} UTC" if at else "another day"


def timed_of(tenant: Tenant, subject: Node) -> dict[Node, Period]:
    """Return what a person was given directly for another time; two queries."""
    if subject.kind is not NodeKind.PERSON:
        return {}
    mine = {"person__username": subject.name, "realm": tenant.realm}
    found: dict[Node, Period] = {}
    roles = PersonRole.objects.filter(**mine).exclude(state=Term.ACTIVE)
    for name, starts_at, ends_at in roles.values_list("role__name", "starts_at", "ends_at"):
        found[role(name)] = _period(starts_at, ends_at)
    grants = Entitlement.objects.filter(**mine).exclude(state=Term.ACTIVE)
    columns = ("resource__type__name", "resource__name", "level", "starts_at", "ends_at")
    for kind, name, level, starts_at, ends_at in grants.values_list(*columns):
        found[entitlement(f"{kind}:{name}:{level}")] = _period(starts_at, ends_at)
    return found


def _period(starts_at: datetime | None, ends_at: datetime | None) -> Period:
    is_planned = starts_at is not None and starts_at > timezone.now()
    return Period(starts_at=starts_at, ends_at=ends_at, is_planned=is_planned)
