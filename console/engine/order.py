"""The order by effect: what narrows, what builds, what widens, what is left over.

Until GRANT begins, nobody can do more than before the run. From then on nobody can do anything that
was possible neither before nor shall be after. Once the groups have moved, nobody can do more than
what is declared. So a run that dies anywhere leaves nobody with more than was meant.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from console.engine.deletions import deletions_of
from console.engine.judge import Case, Judgement, Verdict
from console.engine.kinds import KINDS, REALM, TREES, depth_of, described, parent_path, spec_of
from console.engine.operation import Action, Operation, Phase
from console.engine.state import Address, Fields, Kind
from console.engine.structure import GroupPlanner, Level, flat_levels, names_now


@dataclass(frozen=True)
class Draft:
    """Operations in order, what goes with which deletion, and what turned out to be impossible."""

    operations: tuple[Operation, ...]
    implied: Mapping[Address, tuple[Address, ...]]
    stuck: Mapping[Address, str]


STUCK_GROUP = "cannot get there in one go: other groups are in its way or cross it. Do it in two changes."
# Things with names that stand in no tree; what others stand inside comes first.
RENAMED_FLAT = sorted(
    (kind for kind, spec in KINDS.items() if spec.has_name and kind not in TREES),
    key=lambda kind: KINDS[kind].rank,
)
PLANTED = sorted(TREES, key=lambda kind: KINDS[kind].rank)
STUCK_NAME = "cannot get this name: another one holds it, or names are exchanged. Do it in two changes."


def drafted(case: Case, judgement: Judgement) -> Draft:
    """Return the operations of a judgement in the order in which they are safe."""
    return _Drafter(case, judgement).draft()


def is_move(operation: Operation) -> bool:
    """Tell whether a group gets another parent."""
    was = operation.was
    if was is None or was.kind not in TREES:
        return False
    return parent_path(was.path[-1]) != parent_path(operation.address.path[-1])


def split(before: Fields, after: Fields, address: Address) -> tuple[Fields | None, Fields | None]:
    """Return the fields after narrowing and those after widening, each None if there is no such step.

    Fields without effect on access go with the first step that there is.
    """
    known = spec_of(address).fields
    middle = dict(after)
    for name in after:
        spec = known.get(name)
        if spec and spec.between and before[name] != after[name]:
            middle[name] = spec.between(before[name], after[name])
    risky = [name for name in after if name in known and known[name].between]
    narrowed = middle if any(middle[name] != before[name] for name in risky) else None
    widened = after if any(middle[name] != after[name] for name in risky) else None
    return narrowed, widened


class _Drafter:
    def __init__(self, case: Case, judgement: Judgement) -> None:
        self.judgement = judgement
        self.names = names_now(case.renames)
        self.pending = self._to_rename(case)
        renamed = {address for address in self.pending if address.kind in TREES}
        self.deletions = deletions_of(case, judgement, tree=self.names.tree, renamed=renamed)
        created = {v.address for v in judgement.of(Action.CREATE) if v.address.kind in TREES}
        self.groups = {kind: self._planner(kind, created, renamed) for kind in PLANTED}
        self.ids = {final: case.actual[final].id for final in self.pending}
        self.operations: list[Operation] = []
        self.implied: dict[Address, tuple[Address, ...]] = {}
        self.stuck: dict[Address, str] = {}
        self.updates = _updates(judgement)

    def _planner(self, kind: Kind, created: set[Address], renamed: set[Address]) -> GroupPlanner:
        return GroupPlanner(
            self.names.tree,
            created=(one for one in created if one.kind is kind),
            renamed=(one for one in renamed if one.kind is kind),
        )

    def _to_rename(self, case: Case) -> set[Address]:
        verdicts = self.judgement.verdicts
        return {
            final
            for final in case.renames.pending
            if final in verdicts and verdicts[final].what is not Action.DELETE
        }

    def draft(self) -> Draft:
        self._revoke()
        self._build()
        self._grant()
        self._prune()
        for groups in self.groups.values():
            self.stuck |= {final: f"{described(final)} {STUCK_GROUP}" for final in groups.left}
        return Draft(tuple(self.operations), self.implied, self.stuck)

    def _revoke(self) -> None:
        self._level(Phase.REVOKE, self.updates.narrowing)
        early = self.deletions.early
        self._level(Phase.REVOKE, [v for v in early if spec_of(v.address).is_link])
        self._level(Phase.REVOKE, [v for v in early if not spec_of(v.address).is_link])

    def _build(self) -> None:
        created = _by_rank(v for v in self.judgement.of(Action.CREATE) if not spec_of(v.address).is_link)
        self._level(Phase.BUILD, created.pop(_place(REALM), []))
        self._level(Phase.BUILD, self.updates.opening)
        self._level(Phase.BUILD, self.judgement.of(Action.ADOPT))
        for kind in RENAMED_FLAT:
            self._rename_flat(kind)
        trees = {KINDS[kind].rank: groups for kind, groups in self.groups.items()}
        flat = {place: some for place, some in created.items() if place[0] not in trees}
        for place in sorted({*flat, *((rank, 0) for rank in trees)}):
            if place[0] in trees:
                self._steps(Phase.BUILD, trees[place[0]].levels(with_moves=False))
            else:
                self._create(flat[place])
        self._level(Phase.BUILD, self.updates.neutral)

    def _grant(self) -> None:
        for groups in self.groups.values():
            self._steps(Phase.GRANT, groups.levels(with_moves=True))
        links = _by_rank(v for v in self.judgement.of(Action.CREATE) if spec_of(v.address).is_link)
        for rank in sorted(links):
            self._level(Phase.GRANT, links[rank])
        for verdicts in _by_rank(self.updates.widening).values():
            self._level(Phase.GRANT, verdicts)

    def _prune(self) -> None:
        """Groups that stood in the way of a rename go from the bottom up, each by itself."""
        groups = [one for one in self.deletions.late if one.address.kind in TREES]
        for depth in sorted({depth_of(one.address) for one in groups}, reverse=True):
            self._level(Phase.PRUNE, [one for one in groups if depth_of(one.address) == depth])
        self._level(Phase.PRUNE, [one for one in self.deletions.late if one.address.kind not in TREES])

    def _rename_flat(self, kind: Kind) -> None:
        levels, stuck = flat_levels(self.names, (one for one in self.pending if one.kind is kind))
        self._steps(Phase.BUILD, levels)
        self.stuck |= {final: f"{described(final)} {STUCK_NAME}" for final in stuck}

    def _create(self, verdicts: Iterable[Verdict]) -> None:
        verdicts = tuple(verdicts)
        blocked = {v.address for v in verdicts if v.address in self.names.taken}
        self.stuck |= {address: f"{described(address)} {STUCK_NAME}" for address in blocked}
        self._level(Phase.BUILD, [v for v in verdicts if v.address not in blocked])

    def _level(self, phase: Phase, verdicts: Iterable[Verdict]) -> None:
        """Append operations that do not depend on each other, in the names of this moment."""
        rank = self._next_rank(phase)
        for verdict in sorted(verdicts, key=lambda v: (spec_of(v.address).rank, v.address.path)):
            address = self.names.address(verdict.address)
            self.operations.append(
                Operation(
                    action=Action(verdict.what),
                    address=address,
                    phase=phase,
                    before=verdict.before,
                    after=verdict.after,
                    id=verdict.id,
                    reason=verdict.reason,
                    rank=rank,
                    goal=verdict.address,
                )
            )
            if along := self.deletions.implied.get(verdict.address):
                self.implied[address] = tuple(self.names.address(one) for one in along)

    def _steps(self, phase: Phase, levels: Iterable[Level]) -> None:
        for level in levels:
            rank = self._next_rank(phase)
            for step in level:
                self.operations.append(self._operation(step.final, step.address, step.was, phase, rank))

    def _operation(
        self, final: Address, address: Address, was: Address | None, phase: Phase, rank: int
    ) -> Operation:
        verdict = self.judgement.verdicts[final]
        if was is None:
            return Operation(
                Action.CREATE,
                address,
                phase,
                after=verdict.after,
                reason=verdict.reason,
                rank=rank,
                goal=final,
            )
        operation = Operation(
            Action.RENAME, address, phase, was=was, id=self.ids[final], rank=rank, goal=final
        )
        return replace(operation, reason="is moved here" if is_move(operation) else "is renamed here")

    def _next_rank(self, phase: Phase) -> int:
        ranks = [operation.rank for operation in self.operations if operation.phase is phase]
        return ranks[-1] + 1 if ranks else 0


@dataclass(frozen=True)
class _Updates:
    """Steps of updates, by what they do. `opening` ones switch on what others stand on."""

    narrowing: list[Verdict] = field(default_factory=list)
    opening: list[Verdict] = field(default_factory=list)
    neutral: list[Verdict] = field(default_factory=list)
    widening: list[Verdict] = field(default_factory=list)


def _updates(judgement: Judgement) -> _Updates:
    """Return the steps of all updates: what narrows, then what neither narrows nor widens, then what widens.

    A switch goes on and off by a step in the middle, whatever else changes.
    """
    steps = _Updates()
    for verdict in judgement.of(Action.UPDATE):
        before, after = verdict.before or {}, verdict.after or {}
        switches = _switches(before, after, verdict.address)
        narrowed, widened = split(
            before, {**after, **{one: before[one] for one in switches}}, verdict.address
        )
        now = before if narrowed is None else narrowed
        if narrowed is not None:
            steps.narrowing.append(replace(verdict, after=narrowed))
        if switches or (narrowed is None and widened is None):
            then = after if widened is None else {**now, **{one: after[one] for one in switches}}
            is_opening = any(after[one] for one in switches)
            (steps.opening if is_opening else steps.neutral).append(replace(verdict, before=now, after=then))
            now = then
        if widened is not None:
            steps.widening.append(replace(verdict, before=now))
    return steps


def _switches(before: Fields, after: Fields, address: Address) -> list[str]:
    known = spec_of(address).fields
    return [one for one in after if one in known and known[one].is_switch and before[one] != after[one]]


Place = tuple[int, int]  # (rank of the kind, depth inside others of the kind)


def _place(address: Address) -> Place:
    return spec_of(address).rank, depth_of(address)


def _by_rank(verdicts: Iterable[Verdict]) -> dict[Place, list[Verdict]]:
    ranked: dict[Place, list[Verdict]] = defaultdict(list)
    for verdict in sorted(verdicts, key=lambda v: (spec_of(v.address).rank, v.address.path)):
        ranked[_place(verdict.address)].append(verdict)
    return dict(ranked)
