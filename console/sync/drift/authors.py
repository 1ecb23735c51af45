"""Who made a difference in Keycloak, from its admin events. What they do not tell is never guessed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from console.engine.kinds import needs, spec_of
from console.engine.state import Address, Kind
from console.keycloak.admin_events import AdminEvent, AdminEvents, Author, Named, admin_events, names_of
from console.keycloak.errors import Forbidden, KeycloakError
from console.sync.drift.matching import Ids, concerns
from console.sync.drift.models import Accepted, Change, DriftItem, Standing, Told, Watch
from console.sync.models import LedgerEntry, Observed, Scope

EARLIER = timedelta(seconds=10)  # clocks differ, and a check takes a while to read all
LONGEST_LOOK_BACK = timedelta(days=90)

_SENTENCES = {
    Told.OFF: "Keycloak keeps no admin events of this realm.",
    Told.EXPIRED: "Keycloak's admin events do not reach back that far.",
    Told.SILENT: "No admin event tells of it. Changes by the person and in Keycloak's database leave none.",
    Told.UNREADABLE: "Our service client may not read the admin events of this realm.",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the events say of one difference."""

    told: Told
    sentence: str = ""
    event: AdminEvent | None = None


def tell(scope: Scope, items: Sequence[DriftItem], *, previous: datetime | None) -> None:
    """Note who made these differences. `previous` is when the realm was last found without them."""
    asked = [one for one in items if one.state != Standing.PENDING]
    if not asked:
        return
    since = _since(scope, asked, previous)
    events, sentence = None, ""
    try:
        events = admin_events(scope.server.connection(), scope.realm, since=min(since.values()))
    except Forbidden:
        sentence = _SENTENCES[Told.UNREADABLE]
    except KeycloakError as error:
        sentence = f"The admin events could not be read. {error.sentence}"
    ids = _ids(scope, asked)
    answers = {one: _answer(one, events, ids, since[one.pk], sentence) for one in asked}
    _name(scope, answers)
    DriftItem.objects.bulk_update(asked, _FIELDS, batch_size=2000)
    told = sentence or (_SENTENCES[Told.OFF] if events and not events.is_on else "")
    Watch.objects.filter(scope=scope).update(events_sentence=told)


_FIELDS = ["told", "by_name", "by_client", "by_address", "by_at", "by_sentence"]


def _since(scope: Scope, items: Iterable[DriftItem], previous: datetime | None) -> dict[object, datetime]:
    """Return from when each item's event can be: after the last check, and after our own last write."""
    keys = [one.address for one in items]
    written = dict(
        LedgerEntry.objects.filter(scope=scope, address__in=keys).values_list("address", "applied_at")
    )
    earliest = timezone.now() - LONGEST_LOOK_BACK
    return {
        one.pk: max(filter(None, (previous, written.get(one.address), earliest))) - EARLIER for one in items
    }


def _ids(scope: Scope, items: Iterable[DriftItem]) -> Ids:
    """Return Keycloak's ids of the things and of what they stand on, as far as anybody ever knew them."""
    things = {Address.parse(key) for one in items for key in (one.address, one.stands_at) if key}
    wanted = [one.key for one in {*things, *(need for one in things for need in needs(one))}]
    found: dict[Address, str] = {}
    for known in (Observed.objects, Accepted.objects, LedgerEntry.objects):
        rows = known.filter(scope=scope, address__in=wanted).exclude(keycloak_id="")
        found |= {Address.parse(key): id for key, id in rows.values_list("address", "keycloak_id")}
    return found


def _answer(item: DriftItem, events: AdminEvents | None, ids: Ids, since: datetime, sentence: str) -> Answer:
    if events is None:
        return Answer(Told.UNREADABLE, sentence)
    if not events.is_on:
        return Answer(Told.OFF, _SENTENCES[Told.OFF])
    matching = [one for one in events.events if one.at >= since and concerns(one, item, ids)]
    if not matching:
        return _silence(events, since)
    if len({one.author for one in matching}) == 1 or _is_definite(item, events):
        return Answer(Told.KNOWN, event=matching[0])
    return Answer(Told.AMBIGUOUS, f"{len({one.author for one in matching})} accounts changed it meanwhile.")


def _silence(events: AdminEvents, since: datetime) -> Answer:
    if events.is_cut:
        return Answer(Told.AMBIGUOUS, "There are more admin events than were looked at.")
    if events.reach_back and events.reach_back > since:
        return Answer(Told.EXPIRED, _SENTENCES[Told.EXPIRED])
    return Answer(Told.SILENT, _SENTENCES[Told.SILENT])


def _is_definite(item: DriftItem, events: AdminEvents) -> bool:
    """Tell whether the newest event must be the one: what is there was made last, what is gone taken last.

    Of a link that needs to be read in what was sent, and some events do not say it.
    """
    address = Address.parse(item.address)
    if item.change not in (Change.ADDED, Change.REMOVED) or address.kind in _UNSAID:
        return False
    return events.has_details or not spec_of(address).is_link


_UNSAID = (Kind.ENTITLEMENT, Kind.ORGANIZATION_MEMBER)


def _name(scope: Scope, answers: dict[DriftItem, Answer]) -> None:
    authors = [one.event.author for one in answers.values() if one.event]
    names: dict[Author, Named] = {}
    if authors:
        try:
            names = names_of(scope.server.connection(), scope.realm, authors)
        except KeycloakError:
            names = {}  # the ids are shown instead
    for item, answer in answers.items():
        item.told, item.by_sentence = answer.told, answer.sentence
        if answer.event is not None:
            _fill(item, answer.event, names.get(answer.event.author, Named()))


def _fill(item: DriftItem, event: AdminEvent, named: Named) -> None:
    item.by_name = (named.user or f"an account of another realm ({event.author.user})")[:255]
    item.by_client = (named.client or event.author.client)[:255]
    item.by_address, item.by_at = event.address[:64], event.at
