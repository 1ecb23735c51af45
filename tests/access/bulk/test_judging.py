"""What is found about rows: the sentences of the single forms, and what only a file can get wrong."""

from types import SimpleNamespace
from typing import Any

import pytest

from access.bulk import reader, uploads, work
from access.bulk.columns import guessed
from access.models import PersonRole
from console.bulk import jobs
from console.bulk.models import BulkJob
from console.bulk.working import Judged
from console.sync.cause import Forbidden
from console.sync.commands import Gone
from tests.access.declared import DeclaredTenant
from tests.factories import MIRA, STRANGER, tenant_admin

pytestmark = pytest.mark.django_db

HEAD = "user name;e-mail;first name;last name;enabled;groups;roles"


def job_of(tenant: DeclaredTenant, kind: str, lines: list[str], **options: Any) -> BulkJob:
    table = reader.read("\n".join(lines).encode(), delimiter=";")
    job = uploads.keep_file(actor=MIRA, tenant=tenant.tenant, kind=kind, file_name="file.csv", table=table)
    fields = guessed(kind, table.columns, {})
    jobs.keep_options(job, {**job.options, "separator": "|", "fields": fields, **options})
    return job


def told(**_how: Any) -> None:
    """Nobody looks at the progress here."""


def judged(tenant: DeclaredTenant, kind: str, *lines: str, **options: Any) -> Any:
    return listed(work.judge(job_of(tenant, kind, list(lines), **options), MIRA, told))


def listed(judged: Judged) -> Any:
    """Return the verdicts with their rows as a list, to look at them more than once."""
    return SimpleNamespace(rows=list(judged.rows), found=judged.found, options=judged.options)


def found(judged: Any) -> list[tuple[str, list[str]]]:
    return [(row.outcome, [one["sentence"] for one in row.errors]) for row in judged.rows]


@pytest.fixture
def acme() -> DeclaredTenant:
    acme = DeclaredTenant()
    acme.group("crew/night")
    acme.role("reader")
    acme.person("ann", "Ann Lee", email="ann@example.org")
    acme.member("ann", "crew")
    return acme


def test_a_new_person_is_wished_for_as_the_single_form_cleans_it(acme: DeclaredTenant) -> None:
    rows = judged(acme, "people", HEAD, "bob;Bob@Example.ORG;Bob;;no;/crew/night| crew;reader|reader").rows

    assert rows[0].outcome == "create"
    assert rows[0].wish == {
        "create": True,
        "fields": {
            "username": "bob",
            "email": "bob@example.org",
            "first_name": "Bob",
            "last_name": "",
            "enabled": False,
        },
        "join": ["crew/night", "crew"],
        "give": ["reader"],
    }


@pytest.mark.parametrize(
    ("line", "column", "value", "sentence"),
    [
        (";;;;;;", "user name", "", "This field is required."),
        ("Bob;;;;;;", "user name", "Bob", "Use small letters"),
        ("bo;;;;;;", "user name", "bo", "at least 3 characters"),
        (" bob;;;;;;", "user name", " bob", "Use small letters"),
        ("bob;nowhere;;;;;", "e-mail", "nowhere", "valid email"),
        ("bob;;B|b;;;;", "first name", "B|b", "Keycloak refuses"),
        ("bob;;;;perhaps;;", "enabled", "perhaps", "Write yes or no"),
        ("bob;;;;;crow;", "groups", "crow", "There is no group crow in Acme."),
        ("bob;;;;;;raeder", "roles", "raeder", "There is no role raeder in Acme."),
        ("bob;ANN@example.org;;;;;", "e-mail", "ann@example.org", "Somebody has this e-mail in this realm."),
        ("bob;x", "", "", "This line has 2 cells, and the head has 7."),
    ],
)
def test_a_mistake_has_its_column_its_value_and_a_sentence(
    acme: DeclaredTenant, line: str, column: str, value: str, sentence: str
) -> None:
    content = [HEAD, "first;;;;;;", line] if line != ";;;;;;" else [HEAD, ";x@example.org;;;;;"]

    row = judged(acme, "people", *content).rows[-1]

    assert (row.outcome, row.line) == ("error", len(content))
    assert [(one["column"], one["value"]) for one in row.errors] == [(column, value)]
    assert sentence in row.errors[0]["sentence"]
    assert row.wish == {}


def test_what_stands_twice_in_the_file_is_said_with_the_first_line(acme: DeclaredTenant) -> None:
    lines = [HEAD, "bob;b@example.org;;;;;", "bob;;;;;;", "cas;B@example.org;;;;;"]

    assert found(judged(acme, "people", *lines))[1:] == [
        ("error", ["Line 2 has this user name already."]),
        ("error", ["Line 2 has this e-mail already."]),
    ]


def test_an_empty_cell_leaves_what_a_person_has(acme: DeclaredTenant) -> None:
    lines = [HEAD, "ann;;;;;crew;", "bob;;;;;;"]

    assert found(judged(acme, "people", *lines))[0] == ("unchanged", [])


def test_only_what_differs_of_a_person_who_exists_is_wished_for(acme: DeclaredTenant) -> None:
    row = judged(acme, "people", HEAD, "ann;ann@example.org;Anna;;;crew|crew/night;reader").rows[0]

    assert row.outcome == "change"
    assert row.wish == {"fields": {"first_name": "Anna"}, "join": ["crew/night"], "give": ["reader"]}


def test_people_who_exist_are_left_alone_where_that_was_chosen(acme: DeclaredTenant) -> None:
    lines = [HEAD, "ann;;Anna;;;crew/night;", "bob;;;;;;"]

    assert [one for one, _ in found(judged(acme, "people", *lines, existing="leave"))] == [
        "left-out",
        "create",
    ]


def test_unknown_groups_and_roles_are_counted_or_created_as_was_chosen(acme: DeclaredTenant) -> None:
    lines = [HEAD, "bob;;;;;crew/day/early;writer", "cas;;;;;crew/day/early;", "dan;;;;;a%b;default-roles-x"]

    refused = judged(acme, "people", *lines)
    created = judged(acme, "people", *lines, missing="create")

    assert refused.found["unknown_groups"] == [("crew/day/early", 2), ("a%b", 1)]
    assert refused.found["unknown_roles"] == [("writer", 1), ("default-roles-x", 1)]
    assert [row.outcome for row in created.rows] == ["create", "create", "error"]
    assert created.options == {"new_groups": ["crew/day", "crew/day/early"], "new_roles": ["writer"]}
    assert [one["sentence"] for one in created.rows[2].errors] == [
        "A name cannot hold %",
        "default-roles-x is Keycloak's own role.",
    ]


def test_several_columns_may_hold_groups(acme: DeclaredTenant) -> None:
    row = judged(acme, "people", "login;Group 1;Group 2", "bob;crew;crew/night").rows[0]

    assert row.wish["join"] == ["crew", "crew/night"]


def test_assignments_say_what_is_still_to_be_given_or_taken(acme: DeclaredTenant) -> None:
    rows = judged(
        acme,
        "assignments",
        "person;groups;roles;action",
        "ann;crew|crew/night;reader;",
        "ANN@example.org;crew;;take",
        "ann;;reader;remove",
        "nobody;crew;;give",
        "ann;;;give",
        "ann;crew;;perhaps",
        "ann;crow;;take",
    )

    assert [(row.outcome, row.wish) for row in rows.rows[:1]] == [
        ("change", {"join": ["crew/night"], "give": ["reader"]})
    ]
    assert found(rows)[1:] == [
        ("error", ["Line 2 says the contrary."]),
        ("error", ["Line 2 says the contrary."]),
        ("error", ["There is no person nobody in Acme."]),
        ("error", ["This line names no group, role, entitlement or family."]),
        ("error", ["Write give or take."]),
        ("error", ["There is no group crow in Acme."]),
    ]


def test_what_is_so_already_is_counted_as_unchanged(acme: DeclaredTenant) -> None:
    rows = judged(acme, "assignments", "person;groups;action", "ann;crew;give", "ann;crew/night;take")

    assert [row.outcome for row in rows.rows] == ["unchanged", "unchanged"]


@pytest.fixture
def birch(acme: DeclaredTenant) -> DeclaredTenant:
    birch = DeclaredTenant("birch", share_of=acme)
    birch.member("ben", "birch/team")
    birch.role("birch.reader")
    return birch


def test_a_share_keeps_to_its_prefix_its_group_and_its_people(birch: DeclaredTenant) -> None:
    lines = [
        HEAD,
        "ann;;;;;;",
        "new;;;;;crew;reader",
        "ben;;Ben;;;birch;birch.reader",
    ]

    refused = judged(birch, "people", *lines)
    created = judged(birch, "people", *lines, missing="create")

    assert found(refused)[0] == ("error", ["Somebody has this user name in this realm."])
    assert found(refused)[1][1] == ["There is no group crew in Birch.", "There is no role reader in Birch."]
    assert found(refused)[2] == ("change", [])
    assert found(created)[1][1] == [
        "Groups of this tenant stand below birch.",
        "Roles of this tenant begin with birch.",
    ]


def test_a_share_does_not_change_an_account_of_others(birch: DeclaredTenant) -> None:
    birch.member("ben", "crew")

    rows = judged(birch, "people", HEAD, "ben;;Ben;;;;", "ben2;;;;;;")
    links = judged(birch, "people", HEAD, "ben;;;;;birch;")

    assert "belongs to more than this tenant" in found(rows)[0][1][0]
    assert found(links) == [("change", [])]


def test_nobody_of_a_share_loses_the_last_of_its_groups(birch: DeclaredTenant) -> None:
    head = "person;groups;action"

    lost = judged(birch, "assignments", head, "ben;birch/team;take")
    moved = judged(birch, "assignments", head, "ben;birch/team;take", "ben;birch;give")

    assert "would be in no group of Birch" in found(lost)[0][1][0]
    assert [row.outcome for row in moved.rows] == ["change", "change"]


def test_a_choice_in_a_list_is_what_matches_when_it_is_checked(acme: DeclaredTenant) -> None:
    for name in ("bob", "bert", "cas"):
        acme.person(name)
    job = uploads.keep_selection(
        actor=MIRA,
        tenant=acme.tenant,
        title="x",
        options={"list": "people", "action": "join", "filter": "q=b", "targets": [acme.group("crew").pk]},
    )
    acme.person("bill")

    rows = list(work.judge(job, MIRA, told).rows)

    assert [(row.part, row.wish) for row in rows] == [
        (name, {"join": ["crew"]}) for name in ("bert", "bill", "bob")
    ]


@pytest.mark.parametrize(
    ("action", "wish"),
    [
        ("disable", {"fields": {"enabled": False}}),
        ("enable", {}),
        ("leave", {"leave": ["crew"]}),
        ("give", {"give": ["reader"]}),
        ("take", {}),
    ],
)
def test_each_thing_to_be_done_with_people(acme: DeclaredTenant, action: str, wish: dict[str, Any]) -> None:
    target = acme.role("reader") if action in ("give", "take") else acme.group("crew")
    options = {"list": "people", "action": action, "ids": [acme.person("ann").pk], "targets": [target.pk]}
    job = uploads.keep_selection(actor=MIRA, tenant=acme.tenant, title="x", options=options)

    (row,) = work.judge(job, MIRA, told).rows

    assert row.wish == wish
    assert row.outcome == ("change" if wish else "unchanged")


def test_roles_chosen_in_a_list_go_to_groups_and_people(acme: DeclaredTenant) -> None:
    acme.group_role("crew", "reader")
    both = [acme.role("reader").pk, acme.role("writer").pk]
    common = {"list": "roles", "ids": both}

    groups = uploads.keep_selection(
        actor=MIRA,
        tenant=acme.tenant,
        title="x",
        options={**common, "action": "to-groups", "targets": [acme.group("crew").pk]},
    )
    people = uploads.keep_selection(
        actor=MIRA,
        tenant=acme.tenant,
        title="x",
        options={**common, "action": "to-people", "targets": [acme.person("ann").pk]},
    )

    assert [row.wish for row in work.judge(groups, MIRA, told).rows] == [
        {"group": "crew", "give": ["writer"]}
    ]
    assert [row.wish for row in work.judge(people, MIRA, told).rows] == [{"give": ["reader", "writer"]}]


def test_ids_of_another_tenant_are_nobody_here(acme: DeclaredTenant) -> None:
    """T1: in a list of ids, and among the targets."""
    other = DeclaredTenant("other")
    stranger, role = other.person("eve"), other.role("evil")
    options = {"list": "people", "action": "give", "ids": [stranger.pk, acme.person("ann").pk]}
    job = uploads.keep_selection(
        actor=MIRA, tenant=acme.tenant, title="x", options={**options, "targets": [role.pk]}
    )

    rows = list(work.judge(job, MIRA, told).rows)

    assert [(row.part, row.wish) for row in rows] == [("ann", {})]


def test_the_rights_are_asked_for_when_the_work_is_done(acme: DeclaredTenant) -> None:
    """T1: not only when it was ordered."""
    job = job_of(acme, "people", [HEAD, "bob;;;;;;"])

    assert work.judge(job, tenant_admin("acme"), told).count == 1
    for actor in (STRANGER, tenant_admin("other")):
        with pytest.raises((Forbidden, Gone), match="no such tenant|You need"):
            work.judge(job, actor, told)


def test_more_rows_need_no_more_queries(acme: DeclaredTenant, django_assert_max_num_queries: Any) -> None:
    lines = [HEAD, *(f"p{number};p{number}@example.org;;;;crew;reader" for number in range(300))]
    job = job_of(acme, "people", lines)

    with django_assert_max_num_queries(15):
        work.judge(job, MIRA, told)
    assert not PersonRole.objects.exists()
