"""Whatever changes between approval and run: nobody becomes or ceases to be an administrator unseen."""

import os

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from console.engine.guard import Limits, guard, stops_of
from console.engine.memory import Refused
from console.engine.plan import Plan
from console.engine.state import Address, Kind
from console.engine.stops import Rule, Stop
from console.graph.edges import Node, role
from console.graph.guarded import admin_rights, lapse_of, last_administrator
from tests.engine.random_worlds import GROUPS, LINKS, busy_worlds, copied, moving_worlds, worlds
from tests.engine.world import World
from tests.graph.test_standing import holders, standing_of

ADMINS: list[Node] = [role(name) for name in ("r", "s", "t", *(f"role{number}" for number in range(14)))]
LIMITS = Limits(ledger_size=40, realm="acme", deletions=3)
GIVEN = [link for link in LINKS if link.kind in (Kind.MEMBERSHIP, Kind.PERSON_ROLE, Kind.GROUP_ROLE)]
GIVEN += [Address(Kind.MEMBERSHIP, (f"person{number}", path)) for number in range(5) for path in GROUPS]
GIVEN += [Address(Kind.GROUP_ROLE, (path, f"role{number}")) for number in range(14) for path in GROUPS]
many = settings(
    max_examples=int(os.environ.get("ENGINE_EXAMPLES", "100")),
    deadline=None,
    derandomize="ENGINE_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
)


def held(made: World, plan: Plan, admin: Node) -> list[Stop]:
    standing = standing_of(made)
    found = [*stops_of(plan, limits=LIMITS), *admin_rights(standing, plan.operations, also=[admin])]
    if lapse := lapse_of(standing, plan.operations, wanted=[admin]):
        found.append(last_administrator(lapse, realm="acme"))
    return found


def ids_of(made: World, admin: Node) -> dict[str, str]:
    """Return the name of each holder of the right by the id that stays through renames."""
    names = holders(made.memory, admin)
    known = {
        id_: made.memory._address(id_) for id_, one in made.memory.things.items() if one.kind is Kind.PERSON
    }
    return {id_: address.path[0] for id_, address in known.items() if address.path[0] in names}


def strangers_act(made: World, links: list[Address]) -> None:
    for link in links:
        try:
            made.memory._create(link, {}, None)
        except Refused:
            continue  # one of its ends is not there


@many
@given(
    worlds() | moving_worlds() | busy_worlds() | busy_worlds(),
    st.lists(st.sampled_from(GIVEN), max_size=4),
    st.sampled_from(["all", "all", "none", "all but one"]),
)
def test_what_a_run_may_do_was_confirmed(made: World, links: list[Address], confirmed: str) -> None:
    """Row 7 of the guard: an unapproved stop never gets through, judged by what really happened."""
    shown = made.plan()
    stops = {admin: held(made, shown, admin) for admin in ADMINS}
    parts = {"all": slice(None), "none": slice(0), "all but one": slice(-1)}
    accepted = {admin: found[parts[confirmed]] for admin, found in stops.items()}
    strangers_act(made, links)

    plan = made.plan()
    for admin in ADMINS:
        now = held(made, plan, admin)
        refused = guard(plan, approved=shown.fingerprints, stops=now, accepted=accepted[admin])
        event(f"{'refused' if refused else 'let through'}, {'with' if now else 'without'} stops")
        if not refused:
            run_shows(copied(made), plan, admin, accepted[admin])


def run_shows(made: World, plan: Plan, admin: Node, accepted: list[Stop]) -> None:
    """Do it, and compare who holds the right at last, and whether always somebody did, with what was said."""
    states = [ids_of(made, admin)]
    for operation in plan.operations:
        assert made.memory.write(operation).result == "done"
        states.append(ids_of(made, admin))
    gained = {states[-1][id_] for id_ in states[-1].keys() - states[0].keys()}
    seen = {name for one in accepted if one.rule is Rule.ADMIN_RIGHT for name in one.subjects}
    assert {f"person {name}" for name in gained} <= seen
    if states[0] and not all(states):
        assert any(one.rule is Rule.LAST_ADMINISTRATOR for one in accepted)
