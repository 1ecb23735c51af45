"""Confirming a stop of the guard: a reason in words, for the worst the name too, and the record of both."""

from collections.abc import Iterable

from console.audit.models import AuditEvent, EventKind
from console.engine.stops import Stop
from console.sync.cause import Change
from console.sync.commands import Refused

LEAST_WORDS = 3
LEAST_LETTERS = 12
SUBJECTS_KEPT = 200

WANTED_REASON = "Say in a sentence why this must be: three words and twelve letters at least."


class Unconfirmed(Refused):
    """A stop lacks what must be typed for it."""


def name_to_type(stops: Iterable[Stop]) -> str:
    """Return the name that must be typed, or "" where a reason is enough."""
    return next((stop.name for stop in stops if stop.name), "")


def missing(stops: Iterable[Stop], *, reason: str, name: str) -> dict[str, str]:
    """Return a sentence for each field that lacks what these stops ask for."""
    held = list(stops)
    lacking = {}
    if held and not _is_sentence(reason):
        lacking["reason"] = WANTED_REASON
    wanted = name_to_type(held)
    if wanted and name.strip() != wanted:
        lacking["confirmed"] = f"Type {wanted} to confirm."
    return lacking


def require(stops: Iterable[Stop], *, reason: str, name: str) -> None:
    """Raise Unconfirmed where something that must be typed is missing."""
    for field, sentence in missing(stops, reason=reason, name=name).items():
        raise Unconfirmed(sentence, field=field)


def rows(made: Change) -> list[AuditEvent]:
    """Return the record of who confirmed which stops and why: once a plan, with its first change."""
    if made.cause.changes:
        return []
    return [
        AuditEvent(
            kind=EventKind.SYNC_PLAN_CONFIRMED,
            actor_key=made.actor.key,
            actor_name=made.actor.name,
            tenant=made.tenant,
            subject=stop.sentence[:600],
            address=stop.address.key,
            new={"rule": stop.rule.value, "subjects": sorted(stop.subjects)[:SUBJECTS_KEPT]},
            reason=made.cause.reason,
            ticket=made.cause.ticket,
            plan_id=made.cause.plan_id,
        )
        for stop in made.cause.confirmed
    ]


def _is_sentence(text: str) -> bool:
    letters = [sign for sign in text if sign.isalpha()]
    return len(text.split()) >= LEAST_WORDS and len(letters) >= LEAST_LETTERS and len(set(letters)) > 3
