"""What shall happen to each address, before any thought of order."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from console.engine.kinds import (
    INSIDE,
    KINDS,
    REALM,
    SWITCH_OF,
    comes_with_realm,
    depth_of,
    described,
    is_kept,
    is_protected,
    made_with,
    managed,
    needs,
    spec_of,
)
from console.engine.ledger import Ledger, LedgerFact
from console.engine.operation import Action
from console.engine.rebase import rebased
from console.engine.renames import Renames, same_id
from console.engine.state import Address, Fields, Kind, Resource, Selection, State


class Keep(StrEnum):
    """What needs no operation."""

    UNCHANGED = "unchanged"
    UNMANAGED = "unmanaged"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person must know or settle before this address can be brought in line."""

    address: Address
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with one address, in final names."""

    address: Address
    what: Action | Keep
    before: Fields | None = None
    after: Fields | None = None
    id: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Case:
    """Everything there is to judge, in final names. `refused` are addresses settled otherwise."""

    desired: State
    actual: Mapping[Address, Resource]
    ledger: Mapping[Address, LedgerFact]
    selection: Selection
    renames: Renames
    unreadable: Mapping[Address | Kind, str]
    refused: Mapping[Address, str] = field(default_factory=dict)

    def why_unreadable(self, address: Address) -> str | None:
        return self.unreadable.get(address) or self.unreadable.get(address.kind)


@dataclass(frozen=True)
class Judgement:
    """The verdicts by address, what needs a person, and what the target could not read."""

    verdicts: Mapping[Address, Verdict]
    conflicts: tuple[Finding, ...]
    unreadable: tuple[Finding, ...]

    def of(self, *what: Action | Keep) -> Iterator[Verdict]:
        return (one for one in self.verdicts.values() if one.what in what)


def case_of(*, desired: State, actual: State, ledger: Ledger, selection: Selection, renames: Renames) -> Case:
    """Return the case with everything read and applied under its final name."""
    applied = {final: ledger[row] for final, row in rows_of(ledger, renames).items()}
    return Case(
        desired=desired,
        actual=_found(actual, renames),
        ledger=applied,
        selection=selection,
        renames=renames,
        unreadable={**_hidden(actual, applied), **actual.unreadable},
        refused=renames.refused,
    )


def _found(actual: State, renames: Renames) -> Mapping[Address, Resource]:
    """Return what was read by its final address. Who has a name already keeps it."""
    if not renames.declared:
        return actual.resources
    found: dict[Address, Resource] = {}
    for resource in actual:
        final = rebased(resource.address, renames.of_present)
        if final not in found or rebased(final, renames.now) == resource.address:
            found[final] = resource
    return found


def _hidden(actual: State, applied: Mapping[Address, LedgerFact]) -> dict[Address | Kind, str]:
    """Return what we applied and Keycloak hides, each with why: switched off is not gone."""
    realm = actual.get(REALM)
    if realm is None:
        return {}
    off = {name for name in set(SWITCH_OF.values()) if not realm.fields.get(name, True)}
    hidden = (one for one in applied if SWITCH_OF.get(one.kind) in off)
    return {one: _switched_off(SWITCH_OF[one.kind], "in Keycloak") for one in hidden}


def _switched_off(switch: str, where: str) -> str:
    label = KINDS[Kind.REALM].fields[switch].label
    return f"{label.lower()} are switched off {where}. Switch on “{label}” in the realm settings."


def rows_of(ledger: Ledger, renames: Renames) -> dict[Address, Address]:
    """Return the ledger's row for each final address. What is renamed to a name outweighs what had it."""
    if not renames.declared:
        return {address: address for address in ledger}
    finals = {row: rebased(row, renames.of_ledger) for row in sorted(ledger)}
    stay = {final: row for row, final in finals.items() if final == row}
    return stay | {final: row for row, final in finals.items() if final != row}


def judged(case: Case) -> Judgement:
    """Return what shall happen to each selected address."""
    return _Judge(case).judgement()


class _Judge:
    def __init__(self, case: Case) -> None:
        self.case = case
        self.verdicts: dict[Address, Verdict] = {}
        self.conflicts: dict[Address, str] = {}
        self.unreadable: dict[Address, str] = {}
        self.wants: dict[tuple[Address, bool], str | None] = {}

    def judgement(self) -> Judgement:
        for address in self._universe():
            self._judge(address)
        self._hold_deletions_with_survivors()
        self._hold_what_lacks_its_ground()
        return Judgement(
            verdicts={a: v for a, v in self.verdicts.items() if a not in self.conflicts},
            conflicts=_findings(self.conflicts),
            unreadable=_findings(self.unreadable),
        )

    def _universe(self) -> list[Address]:
        case = self.case
        everything = {*case.desired.resources, *case.actual, *case.ledger}
        chosen = (address for address in everything if address in case.selection)
        return sorted(chosen, key=lambda address: (spec_of(address).rank, address.path))

    def _judge(self, address: Address) -> None:
        case = self.case
        wanted, found, fact = case.desired.get(address), case.actual.get(address), case.ledger.get(address)
        if why := case.why_unreadable(address):
            if wanted or fact:
                self.unreadable[address] = f"{described(address)} could not be read: {why}"
        elif why := self._refusal(address, wanted, found, fact):
            self.conflicts[address] = why
        elif wanted:
            self._judge_wanted(wanted, found, fact)
        elif found and fact and not is_kept(address):
            before = managed(address, found.fields, spec_of(address).fields)
            self._say(Verdict(address, Action.DELETE, before, None, found.id, "is no longer declared"))
        elif found:
            self._say(Verdict(address, Keep.UNMANAGED, id=found.id))

    def _refusal(
        self, address: Address, wanted: Resource | None, found: Resource | None, fact: LedgerFact | None
    ) -> str | None:
        """Return why nothing may be done here at all, or None."""
        name = described(address)
        if address in self.case.refused:
            return self.case.refused[address]
        if fact and not found and (elsewhere := self.case.renames.strayed.get(address)):
            return f"{name} was renamed or moved in Keycloak: it stands there as {described(elsewhere)}."
        if fact and found and not same_id(fact.id, found.id):
            return f"{name}: another object with the same name stands in Keycloak. It is not the one we made."
        if wanted and fact and not found and address == REALM:
            return "The realm is missing in Keycloak. It is never re-created automatically."
        return None

    def _judge_wanted(self, wanted: Resource, found: Resource | None, fact: LedgerFact | None) -> None:
        address, after = wanted.address, wanted.fields
        if found is None:
            self._judge_absent(wanted, fact)
            return
        before = managed(address, found.fields, after)
        equal = before == dict(after)
        if not fact and not equal and not self._came_with_ours(address):
            unlike = _unlike(before, after)
            self.conflicts[address] = f"{described(address)} exists in Keycloak and is not ours: {unlike}."
        elif not fact and equal:
            self._say(Verdict(address, Action.ADOPT, before, after, found.id, "is in Keycloak as declared"))
        elif equal:
            self._say(Verdict(address, Keep.UNCHANGED, before, after, found.id))
        elif is_protected(address):
            self.conflicts[address] = f"{described(address)} belongs to Keycloak itself and is never changed."
        else:
            reason = "Keycloak made it along with ours, and it is managed from now on"
            if fact:
                reason = _why_changed(before, after, managed(address, fact.fields, after))
            self._say(Verdict(address, Action.UPDATE, before, after, found.id, reason))

    def _came_with_ours(self, address: Address) -> bool:
        """Tell whether Keycloak made this itself together with something that we created: nobody else did."""
        ground = made_with(address)
        fact = self.case.ledger.get(ground) if ground else None
        return fact is not None and fact.is_made

    def _judge_absent(self, wanted: Resource, fact: LedgerFact | None) -> None:
        address = wanted.address
        if is_protected(address):
            self.conflicts[address] = f"{described(address)} belongs to Keycloak itself and is never created."
            return
        reason = "was removed in Keycloak" if fact else "is new"
        self._say(Verdict(address, Action.CREATE, None, wanted.fields, None, reason))

    def _say(self, verdict: Verdict) -> None:
        self.verdicts[verdict.address] = verdict

    def _hold_deletions_with_survivors(self) -> None:
        """A group, client or scope goes only if all inside goes: Keycloak would take the rest along."""
        inside = {a for a in self.case.actual if a.kind in INSIDE}
        inside |= {a for a in self.case.desired.resources if a.kind in INSIDE}
        for address in sorted(inside, key=lambda a: (-depth_of(a), a)):
            for holder in needs(address):
                if self._goes(holder) and self._survives(address, inside=holder):
                    why = f"{described(holder)} cannot go: {described(address)} in it stays."
                    self.conflicts[holder] = why

    def _goes(self, address: Address) -> bool:
        verdict = self.verdicts.get(address)
        return verdict is not None and verdict.what is Action.DELETE and address not in self.conflicts

    def _survives(self, address: Address, *, inside: Address) -> bool:
        if (
            spec_of(inside).brings_own
            and address not in self.case.desired
            and address not in self.case.ledger
        ):
            return False
        if address in self.case.selection:
            return not self._goes(address)
        return address in self.case.desired or address not in self.case.ledger

    def _hold_what_lacks_its_ground(self) -> None:
        """Judged in the order of building: whatever is needed is settled before what needs it."""
        self._realm_is_unsettled = REALM in self.conflicts or REALM in self.unreadable
        self._realm_goes = self._goes(REALM)
        for address, verdict in self.verdicts.items():
            if verdict.what is Keep.UNMANAGED or address in self.conflicts:
                continue
            why = self._lack(address, is_revocation=verdict.what is Action.DELETE)
            if why:
                self.conflicts[address] = why

    def _lack(self, address: Address, *, is_revocation: bool) -> str | None:
        """Return why this cannot be done for want of something else, or None."""
        if self._realm_is_unsettled and address != REALM:
            return f"{described(address)} waits until the realm is settled."
        if self._realm_goes and address != REALM and not is_revocation:
            return f"{described(address)} needs the realm, which is not declared."
        if not is_revocation and (off := self._is_off(address)):
            return f"{described(address)}: {off}"
        for need in needs(address):
            if want := self._want(need, is_revocation):
                return f"{described(address)} {want}"
        return None

    def _is_off(self, address: Address) -> str | None:
        """Return what must be switched on in the realm for this, or None. What was not read is not judged."""
        switch = SWITCH_OF.get(address.kind)
        if switch is None:
            return None
        wanted, found = self.case.desired.get(REALM), self.case.actual.get(REALM)
        default = spec_of(REALM).fields[switch].default
        if wanted is not None and (found is None or switch in wanted.fields):
            is_on = wanted.fields.get(switch, default)
        else:
            is_on = found is None or found.fields.get(switch, True)
        return None if is_on else _switched_off(switch, "in this realm")

    def _want(self, need: Address, is_revocation: bool) -> str | None:
        """Return what is wrong with something needed, or with what that needs in turn."""
        key = (need, is_revocation)
        if key not in self.wants:
            self.wants[key] = self._own_want(need, is_revocation)
            for deeper in () if self.wants[key] else needs(need):
                self.wants[key] = self.wants[key] or self._want(deeper, is_revocation)
        return self.wants[key]

    def _own_want(self, need: Address, is_revocation: bool) -> str | None:
        if need in self.conflicts and not self._merely_stays(need, is_revocation):
            return f"waits for {described(need)}."
        if is_revocation:
            return None
        if need in self.unreadable:
            return f"waits for {described(need)}, which could not be read."
        if self._is_absent(need):
            return f"needs {described(need)}, which is not declared."
        return None

    def _merely_stays(self, need: Address, is_revocation: bool) -> bool:
        """A group whose deletion is held back keeps standing: what it gave can still be taken."""
        verdict = self.verdicts.get(need)
        return is_revocation and verdict is not None and verdict.what is Action.DELETE

    def _is_absent(self, need: Address) -> bool:
        if need not in self.case.selection:
            return False
        if self._goes(need):
            return True
        if need in self.case.desired or need in self.case.actual:
            return False
        return not (self._is_new_realm and comes_with_realm(need))

    @property
    def _is_new_realm(self) -> bool:
        return REALM in self.case.selection and REALM in self.case.desired and REALM not in self.case.actual


def _findings(sentences: Mapping[Address, str]) -> tuple[Finding, ...]:
    return tuple(Finding(address, _sentence(sentences[address])) for address in sorted(sentences))


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def _unlike(before: Fields, after: Fields) -> str:
    names = ", ".join(sorted(name for name in after if before[name] != after[name]))
    return f"it differs in {names}"


def _why_changed(before: Fields, after: Fields, applied: Fields) -> str:
    """Return whose change this is, field by field, told in one clause."""
    ours = sorted(n for n in after if after[n] != before[n] and before[n] == applied[n])
    theirs = sorted(n for n in after if after[n] != before[n] and before[n] != applied[n])
    clauses = []
    if ours:
        clauses.append(f"changed here: {', '.join(ours)}")
    if theirs:
        clauses.append(f"changed in Keycloak: {', '.join(theirs)}")
    return "; ".join(clauses)
