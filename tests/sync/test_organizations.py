"""Organizations, where the realm has them and where they are switched off, on the real Keycloak."""

from console.engine.apply import Ending, apply
from console.engine.memory_ledger import MemoryLedger
from console.engine.plan import plan
from console.engine.state import Kind, Selection, State
from tests.engine.world import resource
from tests.factories import Platform, at

ACME = at(Kind.ORGANIZATION, "inc")
INSIDE = at(Kind.ORGANIZATION_GROUP, "inc", "eng")


def test_where_organizations_are_off_the_plan_says_so_before_anything_is_sent(platform: Platform) -> None:
    declared = [{"address": ACME.key, "fields": {"name": "Inc"}}]

    shown = platform.preview("tenants:declaration:put", declarations=declared)

    assert shown.operations == []
    (finding,) = shown.findings
    assert "organizations are switched off in this realm" in finding["sentence"]
    assert "Switch on “Organizations” in the realm settings." in finding["sentence"]


def test_one_plan_switches_them_on_and_makes_one_and_takes_all_back(platform: Platform) -> None:
    target, book = platform.keycloak.target, MemoryLedger()
    realm = at(Kind.REALM)
    off = resource("realm:", **dict(target.read(Selection(frozenset({realm}))).resources[realm].fields))
    on = resource("realm:", **{**off.fields, "organizations_enabled": True, "sso_session_max": 40000})
    things = [resource(ACME.key, name="Inc"), resource(INSIDE.key, description="Engineers")]
    selection = Selection(frozenset({realm, ACME, INSIDE}))

    for wanted in (State.of([off]), State.of([on, *things]), State.of([off])):
        found = target.read(selection)
        chosen = plan(desired=wanted, actual=found, ledger=dict(book.facts), selection=selection)
        assert chosen.conflicts == chosen.unreadable == ()
        report = apply(chosen, target=target, journal=book)
        assert report.state is Ending.DONE, report
        now = target.read(selection)
        assert set(now.resources) == set(wanted.resources)
        assert plan(desired=wanted, actual=now, ledger=dict(book.facts), selection=selection).is_empty
