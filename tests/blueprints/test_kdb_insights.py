"""kdb Insights' tables, cell by cell: transcribed from the documentation, never computed from the blueprint.

Rows I2, I3, I4. A mark in the grid is Y, a doubt is ?, nothing is a full stop.
"""

from collections.abc import Mapping
from functools import partial

import pytest

from console.blueprints.model import Expansion
from console.engine.state import Kind
from console.graph.catalogue import Catalogue
from console.graph.chains import Facts
from console.graph.decisions import Mark, Question, decide
from console.graph.edges import person, role
from tests.blueprints.people import cell, platform, somebody

ROLES = {
    "V": "insights.role.viewer.dashboard",
    "Vi": "insights.role.viewer",
    "R": "insights.role.reporter",
    "D": "insights.role.developer",
    "M": "insights.role.maintainer",
    "A": "insights.role.administrator",
    "EA": "insights.entitlements.admin",
}
# The thirteen capacities in the document's order, and the number of marks that it states.
GRID = [
    ("display-views", "Display views", 6, "V Vi R D M A"),
    ("view-entities", "View other package entities", 5, "Vi R D M A"),
    ("query-data", "Query and stream data", 5, "Vi R D M A"),
    ("view-logs", "View logs/diagnostics", 5, "Vi R D M A"),
    ("use-scratchpad", "Use the scratchpad", 5, "Vi R D M A"),
    ("create-entities", "Create package entities", 3, "D M A"),
    ("update-entities", "Update package entities", 3, "D M A"),
    ("start-stop", "Start/stop package entities", 3, "D M A"),
    ("view-entitlements", "View entitlements", 6, "Vi R D M A EA"),
    ("edit-entitlements", "Create/Update entitlements", 4, "D M A EA"),
    ("delete-entities", "Delete package entities", 2, "M A"),
    ("view-auditing", "View auditing", 1, "A"),  # stated: 2
    ("access-all", "All accessing", 1, "A"),
]
FROM_ROLE_TEXTS = [
    ("custom-queries", "R D M A"),
    ("modify-log-levels", "R D M A"),
    ("export-configuration", "R D M A"),
    ("delete-persisted-data", "M A"),
]
FREE = {"enforced": False}


insights = partial(platform, "kdb-insights")


def facts(expansion: Expansion, *rights: str, owns: tuple[str, ...] = ()) -> Facts:
    return somebody(expansion.state, *rights, owns=owns)


def marks(expansion: Expansion, capability: str) -> dict[str, Mark]:
    return {
        letter: cell(expansion, facts(expansion, name), f"insights:{capability}").mark
        for letter, name in ROLES.items()
    }


def yes(found: Mapping[str, Mark]) -> str:
    return " ".join(letter for letter, mark in found.items() if mark in (Mark.ALLOWED, Mark.EXEMPT))


@pytest.mark.parametrize(("key", "name", "count", "expected"), GRID)
def test_the_grid_row_by_row(key: str, name: str, count: int, expected: str) -> None:
    """I3: while entitlements are not enforced, the role alone decides."""
    expansion = insights(**FREE)

    found = yes(marks(expansion, key))

    assert found == expected
    assert len(found.split()) == count
    assert expansion.catalogue.by_key[f"insights:{key}"].name == name


def test_the_grid_has_the_documents_thirteen_rows_in_their_order() -> None:
    """I3: what we add stands apart from what the document has."""
    every = insights().catalogue.capabilities

    assert [one.name for one in every if one.in_documents] == [name for _, name, _, _ in GRID]
    assert [one.key for one in every if not one.in_documents] == [
        *(f"insights:{key}" for key, _ in FROM_ROLE_TEXTS),
        "insights:sign-in",
        "insights:know-package",
        "insights:create-package",
    ]
    assert all(len(one.short) <= 22 for one in every)


@pytest.mark.parametrize(("key", "expected"), FROM_ROLE_TEXTS)
def test_four_capabilities_come_from_the_texts_of_the_roles(key: str, expected: str) -> None:
    """I3: without them Viewer and Reporter would be the same."""
    assert yes(marks(insights(**FREE), key)) == expected


@pytest.mark.parametrize(
    ("second", "expected", "unclear"),
    [
        ("none", "A", {"M", "EA"}),
        ("insights.role.maintainer", "M A", set()),
        ("insights.entitlements.admin", "A EA", set()),
    ],
)
def test_the_second_mark_of_auditing_is_a_question_until_it_is_chosen(
    second: str, expected: str, unclear: set[str]
) -> None:
    """I3: the only truly ambiguous row."""
    expansion = insights(second_auditing_role=second, **FREE)

    found = marks(expansion, "view-auditing")

    assert yes(found) == expected
    assert {letter for letter, mark in found.items() if mark is Mark.UNSTATED} == unclear
    (note,) = [one for one in expansion.catalogue.notes if one.key == "auditing"]
    assert note.parameter == "second_auditing_role"


def test_an_administrator_is_exempt_and_no_row_of_ticks() -> None:
    """I4: not subject to enforcement, shown as a mark of its own."""
    expansion = insights()
    boss = facts(expansion, ROLES["A"])

    found = {cell(expansion, boss, one.key).mark for one in expansion.catalogue.capabilities}

    assert found == {Mark.EXEMPT}


# --- the access model example ---------------------------------------------------------------------

USERS = {
    "Business User": ("insights.role.viewer", "package:demo:READ", "database:demo:QUERY"),
    "Developer": ("insights.role.developer", "package:demo:READ", "database:demo:QUERY"),
    "Maintainer": ("insights.role.maintainer", "package:demo:WRITE", "database:demo:QUERY"),
    "Entitlements Admin": ("insights.entitlements.admin", "package:*:WRITE", "database:*:QUERY"),
    "Administrator": ("insights.role.administrator", "package:*:WRITE", "database:*:QUERY"),
}
OWNS = ("package:own", "database:own")
CREATORS = ("Developer", "Maintainer", "Administrator")
# capability, resource, then Y or N for the five users in the order of the document; "-": cannot be.
DECISIONS = [
    ("sign-in", "", "Y Y Y Y Y"),
    ("know-package", "package:demo", "Y Y Y Y Y"),
    ("know-package", "package:own", "- Y Y - Y"),
    ("know-package", "package:other", "N N N Y Y"),
    ("view-entities", "package:demo", "Y Y Y N Y"),
    ("view-entities", "package:own", "- Y Y - Y"),
    ("view-entities", "package:other", "N N N N Y"),
    ("display-views", "package:demo", "Y Y Y N Y"),
    ("display-views", "package:own", "- Y Y - Y"),
    ("display-views", "package:other", "N N N N Y"),
    ("view-logs", "package:demo", "Y Y Y N Y"),
    ("view-logs", "package:own", "- Y Y - Y"),
    ("view-logs", "package:other", "N N N N Y"),
    ("query-data", "database:demo", "Y Y Y N Y"),
    ("query-data", "database:own", "- Y Y - Y"),
    ("query-data", "database:other", "N N N N Y"),
    ("view-entitlements", "package:demo", "Y Y Y Y Y"),
    ("view-entitlements", "package:own", "- Y Y - Y"),
    ("view-entitlements", "package:other", "N N N Y Y"),
    ("edit-entitlements", "package:demo", "N N Y Y Y"),
    ("edit-entitlements", "package:own", "- Y Y - Y"),
    ("edit-entitlements", "package:other", "N N N Y Y"),
    ("update-entities", "package:demo", "N N Y N Y"),
    ("update-entities", "package:own", "- Y Y - Y"),
    ("update-entities", "package:other", "N N N N Y"),
    ("create-entities", "package:demo", "N N Y N Y"),
    ("create-entities", "package:own", "- Y Y - Y"),
    ("create-entities", "package:other", "N N N N Y"),
    ("delete-entities", "package:demo", "N N Y N Y"),
    ("delete-entities", "package:own", "- N Y - Y"),
    ("delete-entities", "package:other", "N N N N Y"),
    ("start-stop", "package:demo", "N Y Y N Y"),
    ("start-stop", "package:own", "- Y Y - Y"),
    ("start-stop", "package:other", "N N N N Y"),
    ("create-package", "", "N Y Y N Y"),
    ("view-auditing", "", "N N ? ? Y"),
]


def answer(catalogue: Catalogue, who: Facts, capability: str, resource: str) -> str:
    question = Question(capability=f"insights:{capability}", resource=resource)
    return {Mark.ALLOWED: "Y", Mark.EXEMPT: "Y", Mark.UNSTATED: "?"}.get(
        decide(catalogue, who, question).mark, "N"
    )


@pytest.mark.parametrize(("capability", "resource", "expected"), DECISIONS)
def test_the_decision_table_of_the_example(capability: str, resource: str, expected: str) -> None:
    """I4: five users, on the package that they are entitled to, on their own, and on any other."""
    expansion = insights()
    catalogue = expansion.catalogue

    found = {
        name: answer(
            catalogue,
            facts(expansion, *rights, owns=OWNS if name in CREATORS else ()),
            capability,
            resource,
        )
        for name, rights in USERS.items()
    }

    wanted = dict(zip(USERS, expected.split(), strict=True))
    assert {name: found[name] for name, mark in wanted.items() if mark != "-"} == {
        name: mark for name, mark in wanted.items() if mark != "-"
    }


NEITHER = [one for one in DECISIONS if one[1].endswith(":demo")]


@pytest.mark.parametrize(("capability", "resource", "_"), NEITHER)
def test_a_role_without_an_entitlement_and_the_contrary_open_nothing(
    capability: str, resource: str, _: str
) -> None:
    """I4: while they are enforced, both are needed."""
    expansion = insights()
    for rights in (["insights.role.maintainer"], ["package:demo:WRITE", "database:demo:QUERY"]):
        assert answer(expansion.catalogue, facts(expansion, *rights), capability, resource) == "N"


def test_write_does_not_allow_what_the_role_does_not_permit() -> None:
    """I4, in the words of the document: with READ only, and the role of a viewer."""
    expansion = insights()
    viewer = facts(expansion, "insights.role.viewer", "package:demo:WRITE")

    assert answer(expansion.catalogue, viewer, "view-entities", "package:demo") == "Y"
    assert answer(expansion.catalogue, viewer, "update-entities", "package:demo") == "N"


def test_knowing_a_package_and_querying_its_data_are_entitled_apart() -> None:
    """I4: READ on the package is not enough for a query, and QUERY does not show the package."""
    expansion = insights()
    reader = facts(expansion, "insights.role.viewer", "package:demo:READ")
    querier = facts(expansion, "insights.role.viewer", "database:demo:QUERY")

    assert answer(expansion.catalogue, reader, "query-data", "database:demo") == "N"
    assert answer(expansion.catalogue, querier, "query-data", "database:demo") == "Y"
    assert answer(expansion.catalogue, querier, "know-package", "package:demo") == "N"


@pytest.mark.parametrize(("level", "developer"), [("READ", "Y"), ("WRITE", "N")])
def test_what_starting_and_stopping_needs_can_be_corrected(level: str, developer: str) -> None:
    """I4: stated, although it looks like a slip."""
    expansion = insights(start_stop_needs=level)
    who = facts(expansion, *USERS["Developer"])

    assert answer(expansion.catalogue, who, "start-stop", "package:demo") == developer


@pytest.mark.parametrize(("opens", "expected"), [(False, "N"), (True, "Y")])
def test_whether_an_entitlements_administrator_opens_entities_can_be_corrected(
    opens: bool, expected: str
) -> None:
    """I3, I4: two sentences of the document differ. Logs and data stay closed by both readings."""
    expansion = insights(entitlements_admin_opens_entities=opens)
    keeper = facts(expansion, *USERS["Entitlements Admin"])

    assert answer(expansion.catalogue, keeper, "view-entities", "package:demo") == expected
    assert answer(expansion.catalogue, keeper, "query-data", "database:demo") == "N"
    assert answer(expansion.catalogue, keeper, "update-entities", "package:demo") == "N"


def test_names_that_begin_another_name_are_never_confused() -> None:
    """I2: `insights.role.viewer` begins `insights.role.viewer.dashboard`."""
    expansion = insights(**FREE)
    views_only = facts(expansion, "insights.role.viewer.dashboard")

    assert answer(expansion.catalogue, views_only, "display-views", "package:demo") == "Y"
    assert answer(expansion.catalogue, views_only, "view-entities", "package:demo") == "N"


def test_the_misprinted_role_is_nobodys() -> None:
    """I2: `insights.role.admin` opens nothing, and no such role is declared."""
    expansion = insights(**FREE)
    stranger = Facts(subject=person("ann"), rights=frozenset({role("insights.role.admin")}))

    assert answer(expansion.catalogue, stranger, "view-entities", "package:demo") == "N"
    assert "insights.role.admin" not in {one.address.path[0] for one in expansion.state.of_kind(Kind.ROLE)}


# --- names, presets, secrets ----------------------------------------------------------------------


@pytest.mark.parametrize(("namespace", "realm"), [("", "insights"), ("prod", "insights-prod")])
def test_the_name_of_the_realm(namespace: str, realm: str) -> None:
    """I1: the document lost a space, not a hyphen."""
    assert insights(namespace=namespace).realm_name == realm


def test_the_example_can_stand_from_the_start() -> None:
    """I4: three named entitlements of the document's table."""
    found = insights(with_example=True)

    assert {(one.name, one.type, one.resource, one.level) for one in found.entitlements} == {
        ("demo-ro", "package", "demo", "READ"),
        ("demo-rw", "package", "demo", "WRITE"),
        ("demo-data", "database", "demo", "QUERY"),
    }
    assert {(one.type, one.name) for one in found.resources} == {("package", "demo"), ("database", "demo")}
    assert insights().entitlements == ()


def test_the_four_installation_passwords_are_only_pointed_at() -> None:
    """I1: never stored or shown."""
    found = insights()

    assert {(one.name, one.where) for one in found.kept_elsewhere} == {
        ("admin-password", "Kubernetes Secret kxi-keycloak"),
        ("management-password", "Kubernetes Secret kxi-keycloak"),
        ("postgres-password", "Kubernetes Secret kxi-postgresql"),
        ("password", "Kubernetes Secret kxi-postgresql"),
    }
    assert dict(found.secrets) == {}


def test_every_doubt_of_the_document_is_a_note() -> None:
    """I2, I3, I4: with what the places say, and the parameter that corrects it."""
    notes = {one.key: one for one in insights().notes}

    assert {key: one.parameter for key, one in notes.items() if one.parameter} == {
        "realm-name": "namespace",
        "auditing": "second_auditing_role",
        "start-stop": "start_stop_needs",
        "entitlements-administrator": "entitlements_admin_opens_entities",
        "password-policy": "password_policy",
    }
    assert {key for key, one in notes.items() if one.kind == "contradicted"} == {
        "role-administrator",
        "start-stop",
        "entitlements-administrator",
    }
    assert all(one.says and one.reading for one in notes.values())
