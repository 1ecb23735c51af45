"""From and until, entitlements and families of roles in files: what is found about rows, and what they do."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from access.bulk.times import NoMoment, moment_of
from access.models import Entitlement, Membership, Person, PersonRole, Role
from access.services import bulk
from access.services.periods import WrongTime
from console.audit.models import AuditEvent
from console.delegation import HandsOutMore
from console.sync.cause import Cause
from console.timed import Term
from tests.access.bulk.test_judging import found, judged
from tests.access.bulk.test_services import applied, apply, kept, new, parts
from tests.access.declared import DeclaredTenant
from tests.api.authzen.fixture import use_blueprint
from tests.factories import MIRA, tenant_admin
from tests.tenants.platform import FIRST

pytestmark = pytest.mark.django_db

LATER, END = "2098-05-01T07:30:00+00:00", "2099-02-01T00:00:00+00:00"
HEAD = "person;groups;roles;entitlements;family;from;until;action"


@pytest.fixture
def acme() -> DeclaredTenant:
    acme = DeclaredTenant()
    acme.group("crew")
    acme.role("reader")
    acme.person("ann", "Ann Lee", email="ann@example.org")
    acme.resource("package", "demo")
    return acme


def ends(row: Any, *, starts: str = "", until: str = END) -> Any:
    """Let a link begin later, or end by itself."""
    row.starts_at, row.ends_at = _at(starts), _at(until)
    row.state = Term.PLANNED if starts else Term.ACTIVE
    row.save(update_fields=["starts_at", "ends_at", "state"])
    return row


def _at(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@pytest.mark.parametrize(
    ("cell", "start", "end"),
    [
        ("", "", ""),
        ("2027-01-31", "2027-01-31T00:00:00+00:00", "2027-02-01T00:00:00+00:00"),
        (" 2027-01-31 18:00 ", "2027-01-31T18:00:00+00:00", "2027-01-31T18:00:00+00:00"),
        ("2027-01-31T18:00+02:00", "2027-01-31T16:00:00+00:00", "2027-01-31T16:00:00+00:00"),
        ("2027-01-31T18:00:00Z", "2027-01-31T18:00:00+00:00", "2027-01-31T18:00:00+00:00"),
    ],
)
def test_a_day_is_meant_as_a_whole_and_a_moment_in_utc(cell: str, start: str, end: str) -> None:
    assert (moment_of(cell, is_end=False), moment_of(cell, is_end=True)) == (start, end)


@pytest.mark.parametrize("cell", ["soon", "31.01.2027", "2027-02-30", "9999-12-31", "2027", "1" * 50])
def test_what_is_no_moment_says_how_to_write_one(cell: str) -> None:
    with pytest.raises(NoMoment, match="Write a date like 2027-01-31"):
        moment_of(cell, is_end=True)


# --- what is found about rows ---------------------------------------------------------------------


def test_what_is_given_for_a_time_is_wished_for_with_it(acme: DeclaredTenant) -> None:
    row = judged(acme, "assignments", HEAD, "ann;crew;reader;demo-ro;;2098-05-01 07:30;2099-01-31;").rows[0]

    assert (row.outcome, row.errors) == ("change", [])
    assert row.wish == {
        "join": ["crew"],
        "give": ["reader"],
        "entitle": ["package:demo:READ"],
        "starts_at": LATER,
        "ends_at": END,
    }


def test_a_new_person_gets_all_of_it(acme: DeclaredTenant) -> None:
    head = "user name;groups;entitlements;until"

    row = judged(acme, "people", head, "bob;crew;package:demo:WRITE|demo-ro;2099-01-31").rows[0]

    assert row.wish["create"] is True
    assert row.wish["entitle"] == ["package:demo:WRITE", "package:demo:READ"]
    assert row.wish["ends_at"] == END


@pytest.mark.parametrize(
    ("line", "column", "sentence"),
    [
        ("ann;crew;;;;;soon;", "until", "Write a date like 2027-01-31"),
        ("ann;crew;;;;;2020-01-31;", "until", "The end lies in the past."),
        ("ann;crew;;;;2020-01-31;;", "from", "This lies in the past. Leave it empty to begin at once."),
        ("ann;crew;;;;2099-02-01;2099-01-01;", "until", "The end lies before the beginning."),
        ("ann;;;trades;;;;", "entitlements", "There is no entitlement trades in Acme."),
        ("ann;;;;stall;;;", "family", "There is no family of roles stall in Acme."),
        ("ann;crew;;;;;2099-01-31;take", "", "What is taken goes at once. Leave from and until empty."),
    ],
)
def test_a_mistake_stands_at_its_column(acme: DeclaredTenant, line: str, column: str, sentence: str) -> None:
    acme.member("ann", "crew") if line.endswith("take") else None

    row = judged(acme, "assignments", HEAD, line).rows[0]

    assert (row.outcome, row.wish) == ("error", {})
    assert [(one["column"], sentence in one["sentence"]) for one in row.errors] == [(column, True)]


def test_what_holds_for_this_time_is_unchanged_and_for_another_is_to_be_renewed(
    acme: DeclaredTenant,
) -> None:
    ends(acme.member("ann", "crew"))
    ends(acme.person_role("ann", "reader"), starts=LATER)

    rows = judged(
        acme,
        "assignments",
        HEAD,
        "ann;crew;;;;;2099-01-31;",
        "ann;;reader;;;2098-05-01 07:30;2099-01-31;",
    ).rows
    other = judged(acme, "assignments", HEAD, "ann;crew;;;;;2099-03-01;", "ann;;reader;;;;;").rows

    assert [row.outcome for row in rows] == ["unchanged", "unchanged"]
    assert [one["sentence"] for one in other[0].errors] == [
        "ann has crew already. To change how long it lasts, renew it."
    ]
    assert other[1].wish == {"give": ["reader"]}  # what is planned begins at once instead
    taken = judged(acme, "assignments", HEAD, "ann;crew;reader;demo-ro;;;;take").rows[0]
    assert taken.wish == {"leave": ["crew"], "take": ["reader"]}


@pytest.fixture
def shop(acme: DeclaredTenant) -> DeclaredTenant:
    use_blueprint(acme.tenant, FIRST, realm="acme", second_auditor="none", mail_password="")
    return acme


def test_a_family_is_named_by_its_key_or_its_name(shop: DeclaredTenant) -> None:
    shop.person_role("cas", "stall:cas")
    lines = ["ann;;;;stall;;;", "cas;;;;Stall;;;", "ann;crew;;;stall;;2099-01-31;", "cas;;;;stall;;;take"]

    rows = judged(shop, "assignments", HEAD, *lines)

    assert rows.rows[0].wish == {"families": ["stall"]}
    assert rows.rows[1].outcome == "unchanged"
    assert "no from and until" in found(rows)[2][1][-1]
    assert "Line 3 says the contrary." in found(rows)[3][1]


# --- what rows do ---------------------------------------------------------------------------------


def test_what_begins_later_is_kept_and_not_written(acme: DeclaredTenant) -> None:
    cause = Cause(reason="why")
    job = kept(acme, ("ann", {"join": ["crew"], "starts_at": LATER, "ends_at": END}))

    bulk.apply_rows(actor=MIRA, tenant="acme", job=job, cause=cause)

    row = Membership.every.get(person__username="ann")
    assert (row.state, row.starts_at, row.ends_at) == (Term.PLANNED, _at(LATER), _at(END))
    assert parts(acme) == {}
    notes = [sentence for sentence, _ in cause.changes[0].notes]
    assert notes == [
        "1 of what is given begin later, the first 1 May 2098, 07:30 UTC.",
        "1 of what is given end by themselves, the first 1 February 2099, 00:00 UTC.",
    ]
    kept_rows = AuditEvent.objects.filter(tenant="acme", kind="access:bulk:apply").exclude(address="")
    assert {one.address for one in kept_rows} == {"membership:ann|crew", "person:ann"}


def test_what_ends_by_itself_and_entitlements_are_parts_of_their_person(acme: DeclaredTenant) -> None:
    wish = {"join": ["crew"], "entitle": ["package:demo:READ"], "ends_at": END}

    apply(acme, kept(acme, new("bob", **wish), ("ann", {"give": ["reader"]})))

    assert parts(acme)["entitlement:person|bob|package:demo:READ"] == "bob"
    assert parts(acme)["membership:bob|crew"] == "bob"
    assert {one.ends_at for one in (Membership.objects.get(), Entitlement.objects.get())} == {_at(END)}
    assert PersonRole.objects.get().ends_at is None


def test_what_was_planned_takes_its_new_time_or_goes(acme: DeclaredTenant) -> None:
    ends(acme.member("ann", "crew"), starts=LATER)
    ends(acme.person_role("ann", "reader"), starts=LATER)

    apply(acme, kept(acme, ("ann", {"join": ["crew"], "take": ["reader"]})))

    row = Membership.every.get()
    assert (row.state, row.starts_at, row.ends_at) == (Term.ACTIVE, None, None)
    assert not PersonRole.every.exists()
    assert parts(acme) == {"membership:ann|crew": "ann"}


def test_an_end_that_passed_since_the_check_refuses_the_whole_with_its_line(acme: DeclaredTenant) -> None:
    past = (timezone.now() - timedelta(seconds=1)).isoformat()

    with pytest.raises(WrongTime, match="Line 2: The end lies in the past."):
        apply(acme, kept(acme, ("ann", {"join": ["crew"], "ends_at": past})))

    assert not Membership.every.exists()


def test_families_are_made_and_given(shop: DeclaredTenant) -> None:
    apply(shop, kept(shop, new("bob", families=["stall"]), ("ann", {"families": ["stall"]})))

    held = PersonRole.objects.filter(role__name__startswith="stall:").values_list(
        "person__username", "role__name"
    )
    assert set(held) == {("ann", "stall:ann"), ("bob", "stall:bob")}
    assert Role.objects.filter(name__startswith="stall:").count() == 6
    assert parts(shop)["person-role:bob|stall:bob"] == "bob"


def test_times_and_entitlements_and_families_come_back_when_it_is_taken_back(shop: DeclaredTenant) -> None:
    ends(shop.member("ann", "crew"))
    shop.entitle(shop.person("ann"), "package:demo:READ")
    plan = applied(shop)
    wish = {"leave": ["crew"], "revoke": ["package:demo:READ"], "families": ["stall"]}
    apply(shop, kept(shop, ("ann", {**wish, "entitle": ["package:demo:WRITE"]})), plan=plan)
    assert not Membership.every.exists()
    assert [one.level for one in Entitlement.objects.all()] == ["WRITE"]

    bulk.take_back(actor=MIRA, tenant="acme", plan=str(plan.pk))

    assert Membership.objects.get().ends_at == _at(END)
    assert [one.level for one in Entitlement.objects.all()] == ["READ"]
    assert not PersonRole.objects.filter(role__name="stall:ann").exists()


def test_nobody_hands_out_more_by_a_file_that_begins_later(acme: DeclaredTenant) -> None:
    """T1: what is planned is judged like what holds at once."""
    birch = DeclaredTenant("birch", share_of=acme)
    birch.member("ben", "birch")
    birch.group("birch/team")
    birch.group_role("birch/team", "reader")  # a role of the realm, which the share may not hand out

    for wish in ({"join": ["birch/team"]}, {"join": ["birch/team"], "starts_at": LATER}):
        with pytest.raises(HandsOutMore, match="may not hand out"):
            apply(birch, kept(birch, ("ben", wish)), tenant_admin("birch"))

    assert Membership.every.filter(group__path="birch/team").count() == 0


def test_ten_times_the_rows_need_no_more_queries(shop: DeclaredTenant) -> None:
    def queries(first: int, count: int) -> int:
        names = [f"p{number}" for number in range(first, first + count)]
        wish = {"join": ["crew"], "entitle": ["package:demo:READ"], "families": ["stall"], "ends_at": END}
        job = kept(shop, *(new(name, **wish) for name in names))
        with CaptureQueriesContext(connection) as caught:
            apply(shop, job)
        return len(caught)

    queries(0, 2)
    few = queries(100, 10)

    assert queries(1000, 100) <= few
    assert Person.objects.filter(username__startswith="p1").count() == 111
    assert {one.ends_at.astimezone(UTC) for one in Entitlement.objects.all()} == {_at(END)}
