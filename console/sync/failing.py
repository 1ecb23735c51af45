"""What becomes of a run that could not do all its work: what is tried again, when, and what is given up.

A server that is away stops everything of its realms, and nothing is counted: it is tried again for as long
as it takes. Whatever fails by itself is tried five times; then its plan is dead and the others go on.
"""

import logging
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from console.engine.judge import Finding
from console.keycloak.errors import KeycloakError, Temporary
from console.seal import CannotOpen
from console.sync import lease
from console.sync.models import Run, Scope, Step, Touched
from console.sync.times import MOST_ATTEMPTS, TIMES

log = logging.getLogger(__name__)

TOGETHER = 2  # so often all plans are tried together; after that one that fails is kept apart
OWN_FAULT = "The console itself failed here. The worker's log says where."


class PutOff(Exception):
    """This round stops here, and another attempt may succeed. `failed` says what did, if anything is known.

    `is_away`: the server does not answer, so nothing is wrong with what is asked.
    """

    def __init__(
        self,
        sentence: str,
        *,
        is_unknown: bool = False,
        is_away: bool = False,
        wait: float | None = None,
        failed: Sequence[Finding] = (),
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.is_unknown = is_unknown
        self.is_away = is_away
        self.wait = wait
        self.failed = failed


def put_off_by(error: Exception) -> PutOff:
    """Return what an error means for the work of a run."""
    if isinstance(error, PutOff):
        return error
    if isinstance(error, KeycloakError):
        wait = error.wait if isinstance(error, Temporary) else None
        return PutOff(error.sentence, is_away=isinstance(error, Temporary), wait=wait)
    if isinstance(error, CannotOpen):
        return PutOff(str(error), is_away=True)
    return PutOff(OWN_FAULT)


@dataclass
class Failing:
    """What failed in one run so far."""

    run: Run
    token: UUID
    faults: list[PutOff] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    own: Exception | None = None  # a fault of ours, for the worker's log
    _tried: set[int] = field(default_factory=set)

    def portion(self, waiting: Sequence[Touched]) -> list[Touched]:
        """Return what to try next: all together, or what did not fail yet, or one plan after the other."""
        left = [row for row in waiting if row.pk not in self._tried]
        sound = [row for row in left if row.attempts < TOGETHER]
        if sound or not left:
            return sound
        plan = min(left, key=lambda row: (row.attempts, row.generation)).plan_id
        return [row for row in left if row.plan_id == plan]

    def take(self, error: Exception, *, rows: Sequence[Touched]) -> bool:
        """Note what failed, and return whether the run goes on with the others. Raises LostLease."""
        fault = put_off_by(error)
        if not isinstance(error, PutOff | KeycloakError | CannotOpen):
            log.exception("A run of %s failed.", self.run.scope)
            self.own = error
        self.faults.append(fault)
        with lease.held(self.run.scope, self.token):
            if fault.is_away:
                self._tell_all(fault)
                return False
            mine = _hit(rows, fault.failed)
            self._count(mine, fault)
            self._bury(mine, fault)
        self._tried |= {row.pk for row in mine}
        return self._is_isolated(mine)

    def put_off(self) -> None:
        """Note when the next attempt is due: later each time. Raises LostLease."""
        told = max((fault.wait or 0 for fault in self.faults), default=0)
        with lease.held(self.run.scope, self.token):
            scope = Scope.objects.get(pk=self.run.scope_id)
            wait = min(TIMES.first_wait * 2 ** min(scope.attempts, 10), TIMES.longest_wait)
            due = timezone.now() + timedelta(seconds=max(wait, told) * random.uniform(1, 1.4))
            Scope.objects.filter(pk=scope.pk).update(attempts=F("attempts") + 1, next_attempt_at=due)

    def _tell_all(self, fault: PutOff) -> None:
        waiting = Touched.objects.filter(scope=self.run.scope_id, is_set_aside=False)
        waiting.update(sentence=fault.sentence, is_unknown=fault.is_unknown)

    def _count(self, rows: Iterable[Touched], fault: PutOff) -> None:
        """Count an attempt, or begin to count anew where the last one got further."""
        plans = {row.plan_id for row in rows}
        done = Step.objects.filter(run=self.run, state=Step.State.DONE, plan_id__in=plans)
        before = 0 if done.exists() else F("attempts")
        found = Touched.objects.filter(pk__among=[row.pk for row in rows])
        found.update(attempts=before + 1, sentence=fault.sentence, is_unknown=fault.is_unknown)

    def _bury(self, rows: Iterable[Touched], fault: PutOff) -> None:
        spent = Touched.objects.filter(pk__among=[row.pk for row in rows], attempts__gte=MOST_ATTEMPTS)
        if spent.update(is_set_aside=True, sentence=_given_up(fault.sentence)):
            self.dead.append(fault.sentence)

    def _is_isolated(self, mine: Sequence[Touched]) -> bool:
        """Tell whether what failed was tried alone, or is out of the way, so that the others may go on."""
        tried = Touched.objects.filter(pk__among=[row.pk for row in mine])
        return not tried.filter(is_set_aside=False, attempts__lte=TOGETHER).exists()


def _hit(rows: Sequence[Touched], failed: Iterable[Finding]) -> list[Touched]:
    """Return what belongs to what failed: its part or its whole plan; everything where that is not known."""
    addresses = {finding.address.key for finding in failed}
    hit = [row for row in rows if row.address in addresses]
    parts = {(row.plan_id, row.part) for row in hit}
    plans = {row.plan_id for row in hit if row.plan_id is not None and not row.part}
    along = [row for row in rows if row.plan_id in plans or (row.part and (row.plan_id, row.part) in parts)]
    return list({row.pk: row for row in (*hit, *along)}.values()) or list(rows)


def _given_up(sentence: str) -> str:
    return f"Given up after {MOST_ATTEMPTS} tries. {sentence}"
