"""The clock of grants: what has to begin or end is begun and ended through the door, late or not."""

import logging
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from access.services.terms import SORTS, NothingDue
from console.identity.actor import Actor
from console.sync import promised, purging, work
from console.sync.cause import Forbidden
from console.sync.commands import Refused
from console.timed import Term
from tenants.models import Tenant

log = logging.getLogger(__name__)

CLOCK = Actor.system("time")
EVERY = 1.0  # seconds between two looks
REASON = "Its time was approved when it was given."
AT_ONCE = 500  # of one tenant in one change


def register() -> None:
    work.register_watch("time of grants", once, every=EVERY)
    work.register_purge(purge)


def purge(now: datetime) -> int:
    """Delete grants that ended long ago, and return how many. When each was given and ended is recorded."""
    old = Q(state=Term.ENDED, turned_at__lt=purging.before(now, "ended_grants"))
    return sum(purging.delete(sort.all().filter(old)) for sort in SORTS.values())


def once() -> int:
    """Begin and end what is due, each tenant's in one change, and return how many changes were made.

    Any number of workers may do so: the door lets one after the other in, and the later finds nothing.
    """
    now = timezone.now()
    realms = _realms(now)
    if not realms:
        return 0
    tenants = Tenant.objects.filter(realm__in=realms).select_related("realm__scope__server")
    return sum(_turn(tenant, now) for tenant in tenants.order_by("served_by", "pk"))


def _begins(now: datetime) -> Q:
    return Q(state=Term.PLANNED, starts_at__lte=now)


def _ends(now: datetime) -> Q:
    return Q(state=Term.ACTIVE, ends_at__lte=now)


def _realms(now: datetime) -> set[int]:
    """Return the realms in which something is due: one query over small indexes."""
    first, *others = (
        sort.model.every.filter(_begins(now) | _ends(now)).order_by().values_list("realm_id", flat=True)
        for sort in SORTS.values()
    )
    return set(first.union(*others))


def _turn(tenant: Tenant, now: datetime) -> int:
    begin = _ids(tenant, _begins(now))
    end = _ids(tenant, _ends(now))
    if not begin and not end:
        return 0
    try:
        promised.stand(
            actor=CLOCK,
            command="access:term:turn",
            values={"tenant": tenant.slug, "begin": begin, "end": end},
            title=_title(begin, end),
            tenant=tenant.slug,
            reason=REASON,
        )
    except NothingDue:
        return 0  # another worker was first
    except (Refused, Forbidden) as error:  # a realm that is only observed, for example
        log.warning("What is due in %s could not be turned: %s", tenant.slug, error)
        return 0
    return 1


def _ids(tenant: Tenant, condition: Q) -> dict[str, list[int]]:
    found = {key: _some(sort.of(tenant).filter(condition)) for key, sort in SORTS.items()}
    return {key: ids for key, ids in found.items() if ids}


def _some(rows: QuerySet[Any]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def _title(begin: dict[str, list[int]], end: dict[str, list[int]]) -> str:
    words = [f"{verb} {_count(ids)} on time" for verb, ids in (("End", end), ("Begin", begin)) if ids]
    return ", ".join(words)


def _count(grants: dict[str, list[int]]) -> str:
    number = sum(len(ids) for ids in grants.values())
    return f"{number} grant{'' if number == 1 else 's'}"
