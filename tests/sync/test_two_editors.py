"""Two editors, strangers in Keycloak's own console, and faults, in any order: the promises hold all the same.

No update is lost, what is written is what was approved, one run writes at a time, and the audit has a
row for every write. Each promise is checked against what the test itself knows or reads by plain calls.
"""

import hashlib
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import pytest
from django.db import connections
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from access.models import Person, Role
from console.audit.models import AuditEvent, EventKind
from console.engine.state import Address, Kind, Selection
from console.identity.actor import Actor, ActorKind
from console.keycloak.target import KeycloakTarget
from console.permissions.policy import ADMIN
from console.sync import lease, loaders, preview, runs
from console.sync.commands import Conflict, Refused
from console.sync.journal import RunJournal
from console.sync.models import KeycloakServer, Plan, Run, Step
from tests.factories import Platform
from tests.keycloak.forwarder import Fault, Forwarder, forwarding

# At least 5,000 were run once (docs/benchmarks.md); fewer each time, so that all tests end soon.
STEPS = int(os.environ.get("STATEFUL_STEPS", "600"))
STEPS_A_STORY = 60

EDITORS = {
    name: Actor(key=f"sso:{name}", name=name.title(), kind=ActorKind.SSO, roles=frozenset({ADMIN}))
    for name in ("ann", "ben")
}
LINKS = {
    "access:person-role:give": ("people", "roles"),
    "access:person-role:take": ("people", "roles"),
    "access:membership:add": ("people", "groups"),
    "access:membership:remove": ("people", "groups"),
    "access:group-role:give": ("groups", "roles"),
    "access:group-role:take": ("groups", "roles"),
}
FAULTS = {
    "the reply is lost": Fault(cut_after=0),
    "the reply is cut": Fault(cut_after=20),
    "an error after the write": Fault(status=500, content_type="application/json", body=b"{}"),
    "an error before the write": Fault(forwarded=False, status=503),
    "the call never arrives": Fault(forwarded=False, cut_after=0),
}
# As often as they stand here: plans must be applied and runs must come for anything to happen.
MOVES = (
    ["send_form", "apply", "apply", "apply", "run", "run", "run", "run_and_die", "two_runs_at_once"]
    + [
        "open_form",
        "open_form",
        "send_form",
        "send_form",
        "ask_for_link",
        "ask_for_link",
        "ask_for_lockout",
        "send_form",
    ]
    + ["stranger_describes_role", "stranger_describes_role", "stranger_gives_role", "stranger_removes_member"]
    + ["break_something", "retry", "retry"]
)
Ends = set[tuple[str, str]]


class Killed(BaseException):
    """Stands for a process that ends here."""


def mark(value: Any) -> str:
    """Return what identifies a value: its canonical JSON, hashed. Written apart from the engine's own."""
    plain = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


@dataclass(frozen=True)
class Draw:
    """What chance gave to one step; each move takes of it what it needs."""

    editor: str
    one: int
    other: int
    word: str
    link: str
    fault: str
    method: str


class Story(RuleBasedStateMachine):
    """`told` is what each role's description must be by what was accepted; nothing else may change it."""

    platform: ClassVar[Platform]
    forwarder: ClassVar[Forwarder]
    told: ClassVar[dict[str, str]]
    taken: ClassVar[int] = 0
    ended: ClassVar[dict[str, int]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, dict[str, Any]] = {}
        self.plans: dict[str, tuple[Plan, dict[str, Any] | None]] = {}
        self.in_the_way = ""

    @rule(
        move=st.sampled_from(MOVES),
        d=st.builds(
            Draw,
            editor=st.sampled_from(sorted(EDITORS)),
            one=st.integers(0, 2),
            other=st.integers(0, 2),
            word=st.sampled_from(["red", "green", "blue"]),
            link=st.sampled_from(sorted(LINKS)),
            fault=st.sampled_from(sorted(FAULTS)),
            method=st.sampled_from(["PUT", "POST", "DELETE"]),
        ),
    )
    def something_happens(self, move: str, d: Draw) -> None:
        """Whatever chance draws, of all that editors, strangers, workers and networks do."""
        type(self).taken += 1
        getattr(self, move)(d)

    # --- the editors ---

    def open_form(self, d: Draw) -> None:
        """Load a role into a form, which may be sent much later."""
        self.count("a form is opened")
        self.forms[d.editor] = self.platform.edit_role(f"role{d.one}")

    def send_form(self, d: Draw) -> None:
        """Preview what was typed. Who began before another's change was applied is told so."""
        form = self.forms.get(d.editor)
        if form is None:
            return
        self.count("a form is sent")
        now = Role.objects.get(pk=form["role"])
        values = form | {"description": f"{d.word} of {d.editor}"}
        try:
            plan = self.preview(d.editor, "access:role:edit", values)
        except Conflict:
            assert now.revision != form["revision"], "a form that is up to date was refused"
            self.count("an old form is refused")
            del self.forms[d.editor]
        except Refused:
            self.count("a form is refused")
        else:
            assert now.revision == form["revision"], "a form that is out of date was taken"
            self.plans[d.editor], self.in_the_way = (plan, values), now.name

    def ask_for_link(self, d: Draw) -> None:
        """Preview giving or taking a role or a membership."""
        self.count("a link is asked for")
        first, second = LINKS[d.link]
        values = {first: [f"{_SINGLE[first]}{d.one}"], second: [f"{_SINGLE[second]}{d.other}"]}
        try:
            plan = self.preview(d.editor, d.link, self.platform._arguments(d.link, values))
        except Refused:
            self.count("a link is refused")
        else:
            self.plans[d.editor] = (plan, None)

    def ask_for_lockout(self, d: Draw) -> None:
        """Preview switching a person off, or on again."""
        self.count("a person is switched")
        username = f"person{d.one}"
        enabled = not Person.objects.get(realm__scope=self.platform.scope, username=username).enabled
        values = {"tenant": self.platform.tenant, **self.platform.edit_person(username, enabled=enabled)}
        try:
            self.plans[d.editor] = (self.preview(d.editor, "access:person:edit", values), None)
        except Refused:
            self.count("a switch is refused")

    def apply(self, d: Draw) -> None:
        """Apply the plan that lies open. A change of another's in between must be seen."""
        plan, form = self.plans.pop(d.editor, (None, None))
        if plan is None:
            return
        before = dict(self.told)
        try:
            preview.apply(actor=EDITORS[d.editor], plan=plan, reason="a reason of some length", ticket="")
        except preview.Changed as changed:
            self.count("a plan is out of date")
            self.plans[d.editor] = (changed.plan, form)
        except Refused:
            self.count("a plan is refused")
        else:
            self.count("a plan is applied")
            if form is not None:
                name = Role.objects.get(pk=form["role"]).name
                assert form["revision"] == self.revisions()[name] - 1, "it overwrote what nobody had seen"
                self.told[name] = form["description"]
                assert {k: v for k, v in before.items() if k != name} == {
                    k: v for k, v in self.told.items() if k != name
                }

    # --- strangers in Keycloak's own console ---

    def stranger_describes_role(self, d: Draw) -> None:
        """Change the role that an editor is at, if one is: that is where it hurts."""
        self.count("a stranger changes a role")
        role = self.platform.keycloak.find("roles", self.in_the_way or f"role{d.one}")
        if role:
            changed = role | {"description": f"{d.word} by a stranger, {self.now()}"}
            self.platform.keycloak.put("roles-by-id", role["id"], json=changed)

    def stranger_gives_role(self, d: Draw) -> None:
        self.count("a stranger gives a role")
        role = self.platform.keycloak.find("roles", f"role{d.other}")
        user = self.platform.person_id(f"person{d.one}")
        self.platform.keycloak.post("users", user, "role-mappings", "realm", json=[role])

    def stranger_removes_member(self, d: Draw) -> None:
        self.count("a stranger removes a member")
        user, group = self.platform.person_id(f"person{d.one}"), self.platform.group_id(f"group{d.other}")
        self.platform.keycloak.delete("users", user, "groups", group)

    # --- faults, and the workers ---

    def break_something(self, d: Draw) -> None:
        """Spoil the next write that goes out this way."""
        self.count(d.fault)
        self.forwarder.rules[:] = []
        for ending in _ENDINGS[d.method]:
            self.forwarder.spoil(d.method, ending, FAULTS[d.fault])

    def run(self, d: Draw) -> None:
        """A worker comes by."""
        if self.platform.scope.touched.filter(is_set_aside=False).exists():
            self.count("a run")
            with self.watched():
                self.sync()

    def run_and_die(self, d: Draw) -> None:
        """A worker comes by and dies after a write that it could not record."""
        if not self.platform.scope.touched.filter(is_set_aside=False).exists():
            return
        self.count("a run that dies")
        with self.watched(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(RunJournal, "record", _die)
            try:
                self.sync()
            except Killed:
                self.count("a worker died")

    def two_runs_at_once(self, d: Draw) -> None:
        """Two workers come by: one writes, the other one leaves it alone."""
        self.count("two runs at once")
        with self.watched():
            workers = [threading.Thread(target=self.sync_apart) for _ in range(2)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join(timeout=60)

    def retry(self, d: Draw) -> None:
        """Somebody presses Retry."""
        self.count("a retry")
        loaders.retry(self.platform.scope)

    # --- the promises ---

    @invariant()
    def nothing_is_lost(self) -> None:
        """Every description is the one that was accepted last."""
        rows = Role.objects.filter(realm__scope=self.platform.scope)
        assert dict(rows.values_list("name", "description")) == self.told

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Compare what Keycloak holds before and after with what was approved and recorded."""
        held, approved, shown = self.held(), self.approved(), self.shown()
        waiting = {row.address for row in self.platform.scope.touched.all()}
        last = AuditEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0
        yield
        intended = list(
            AuditEvent.objects.filter(id__gt=last, kind=EventKind.SYNC_WRITE_INTENDED).filter(
                scope=str(self.platform.scope)
            )
        )
        now = self.held()
        changed = {key for key in held.keys() | now.keys() if held.get(key) != now.get(key)}
        recorded = {row.address for row in intended}
        assert changed <= recorded, f"written without a row in the audit: {changed - recorded}"
        assert recorded <= waiting, f"nobody had asked for {recorded - waiting}"
        for row in intended:
            assert (row.address, mark(row.new)) in approved, f"not approved: {row.address} {row.new}"
            start = (row.address, mark(row.old))
            assert start in shown | approved, f"nobody saw what it replaces: {row.address} {row.old}"
        self.one_run_at_a_time()

    def approved(self) -> Ends:
        """Return what applied plans let be, each address with what shall stand there."""
        plans = Plan.objects.filter(tenant=self.platform.tenant, state=Plan.State.APPLIED)
        return {(key, end) for plan in plans for key, end in plan.targets}

    def shown(self) -> Ends:
        """Return what applied plans showed as standing there before."""
        plans = Plan.objects.filter(tenant=self.platform.tenant, state=Plan.State.APPLIED)
        return {(one["address"], mark(one["before"])) for plan in plans for one in plan.operations}

    def held(self) -> dict[str, str]:
        """Return what Keycloak holds of the things that this story is about."""
        target = KeycloakTarget(self.platform.keycloak.connection, self.platform.realm)
        kinds = (Kind.ROLE, Kind.GROUP, Kind.PERSON, Kind.MEMBERSHIP, Kind.PERSON_ROLE, Kind.GROUP_ROLE)
        wanted = [Address.parse(key) for key in self.addresses()]
        state = target.read(Selection(frozenset(wanted)))
        return {one.address.key: mark(dict(one.fields)) for one in state if one.address.kind in kinds}

    def addresses(self) -> Iterator[str]:
        for one in range(3):
            yield from (f"role:role{one}", f"group:group{one}", f"person:person{one}")
            for other in range(3):
                yield f"membership:person{one}|group{other}"
                yield f"person-role:person{one}|role{other}"
                yield f"group-role:group{one}|role{other}"

    def one_run_at_a_time(self) -> None:
        steps = Step.objects.filter(run__scope=self.platform.scope, finished_at__isnull=False)
        spans: dict[Any, list[datetime]] = {}
        for run_id, start, end in steps.values_list("run_id", "started_at", "finished_at"):
            first, last = spans.get(run_id, (start, end))
            spans[run_id] = [min(first, start), max(last, end)]
        ordered = sorted(spans.values())
        assert all(one[1] <= two[0] for one, two in zip(ordered, ordered[1:], strict=False))

    # --- how the console is used here ---

    def preview(self, editor: str, command: str, values: dict[str, Any]) -> Plan:
        return preview.preview(
            actor=EDITORS[editor],
            command=command,
            values=values | {"tenant": self.platform.tenant},
            title=command,
            tenant=self.platform.tenant,
        )

    def sync(self) -> Run | None:
        with self.platform.reached_at(self.forwarder.url):
            run = runs.sync(self.platform.scope.pk)
        if run is not None:
            self.count(f"a run ended {run.state}")
        return run

    def sync_apart(self) -> None:
        try:
            runs.sync(self.platform.scope.pk)
        except lease.Busy:
            self.count("a run found the realm taken")
        finally:
            connections.close_all()

    def revisions(self) -> dict[str, int]:
        rows = Role.objects.filter(realm__scope=self.platform.scope)
        return dict(rows.values_list("name", "revision"))

    @classmethod
    def now(cls) -> int:
        """Return a number that nothing else gets, so that no value is taken for another's."""
        return sum(cls.ended.values())

    @classmethod
    def count(cls, what: str) -> None:
        cls.ended[what] = cls.ended.get(what, 0) + 1

    def teardown(self) -> None:
        """In the end, without faults, all that was accepted arrives; what is refused says why."""
        self.forwarder.rules[:] = []
        for _ in range(6):
            loaders.retry(self.platform.scope)
            self.sync()
        waiting = self.platform.scope.touched.filter(is_blocked=False)
        assert not waiting.exists(), [(row.address, row.sentence) for row in waiting]
        self.platform.scope.touched.all().delete()


_SINGLE = {"people": "person", "roles": "role", "groups": "group"}
_ENDINGS = {"PUT": ("",), "POST": ("/role-mappings/realm",), "DELETE": ("",)}


def _die(*_: Any) -> None:
    raise Killed


@pytest.fixture(scope="module")
def story(new_platform: Callable[..., Platform]) -> Iterator[type[Story]]:
    """A realm with three roles, groups and people, behind a forwarder."""
    platform = new_platform("editors")
    platform.build(
        *(("access:role:create", {"name": f"role{n}", "description": "at first"}) for n in range(3)),
        *(("access:group:create", {"name": f"group{n}"}) for n in range(3)),
        *(("access:person:create", {"username": f"person{n}"}) for n in range(3)),
    )
    server = KeycloakServer.objects.get(pk=platform.server.pk)
    with forwarding(server.url) as forwarder:
        Story.platform, Story.forwarder = platform, forwarder
        Story.told = {f"role{n}": "at first" for n in range(3)}
        Story.taken, Story.ended = 0, {}
        yield Story


def tell(story: type[Story]) -> None:
    """Tell ten stories, each of at most so many steps."""
    run_state_machine_as_test(
        story,
        settings=settings(
            max_examples=10,
            stateful_step_count=STEPS_A_STORY,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_promises_hold_whatever_happens(story: type[Story]) -> None:
    """Threats T1 and T21, faults F3, F11, F12, F14, F17, F25, F27 and F28, interleaved at random."""
    rounds = 0
    while story.taken < STEPS:
        rounds += 1
        tell(seed(rounds)(story))

    print(f"{story.taken} steps:", json.dumps(story.ended, indent=1, sort_keys=True))
    happened = set(story.ended)
    assert {"a plan is applied", "a run ended done", "an old form is refused"} <= happened
