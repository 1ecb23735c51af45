"""The tables of the platforms' documents on the page of the matrix, cell by cell (rows I3, K4, C7).

What is expected was transcribed by hand from docs/platforms, never from a blueprint.
"""

import pytest
from django.test import Client

from access.models import Role
from tests.access.declared import DeclaredTenant
from tests.access.platforms import PlatformTenant
from tests.access.reading import Table, table_at
from tests.operators import sign_in_as

pytestmark = pytest.mark.django_db

ROLES = "/t/acme/matrix/?view=roles"


@pytest.fixture
def auditor(client: Client) -> Client:
    sign_in_as(client, roles=("gatehouse-auditor",))
    return client


def words(expected: str) -> dict[str, str]:
    """Return `name | cell cell …` lines as a mapping of the name to the rest."""
    lines = (line.split("|") for line in expected.strip().splitlines())
    return {name.strip(): rest.strip() for name, rest in lines}


# --- kdb Insights: the grid and the four capabilities of the role texts ---------------------------------

TITLES = {
    "V": "Views-only",
    "Vi": "Viewer",
    "R": "Reporter",
    "D": "Developer",
    "M": "Maintainer",
    "EA": "Entitlements Administrator",
}
GRID = """
Display views               | V Vi R D M
View other package entities | Vi R D M
Query and stream data       | Vi R D M
View logs/diagnostics       | Vi R D M
Use the scratchpad          | Vi R D M
Create package entities     | D M
Update package entities     | D M
Start/stop package entities | D M
View entitlements           | Vi R D M EA
Create/Update entitlements  | D M EA
Delete package entities     | M
View auditing               |
All accessing               |
Custom queries on the database | R D M
Modify log levels           | R D M
Export configuration        | R D M
Delete persisted data       | M
"""


@pytest.mark.parametrize("enforced", [True, False])
def test_the_grid_of_kdb_insights_stands_cell_by_cell(auditor: Client, enforced: bool) -> None:
    PlatformTenant("kdb-insights", enforced=enforced)

    cells = table_at(auditor, ROLES).cells

    for capability, marks in words(GRID).items():
        for short, title in TITLES.items():
            is_unclear = capability == "View auditing" and short in ("M", "EA")
            expected = "unclear" if is_unclear else "yes" if short in marks.split() else "no"
            assert cells[title][capability] == expected, (title, capability)
        # Not subject to the rules: a mark of its own, never a row of ticks.
        assert cells["Administrator"][capability] == "exempt", capability


@pytest.mark.parametrize(
    ("second", "title"),
    [
        ("insights.role.maintainer", "Maintainer"),
        ("insights.entitlements.admin", "Entitlements Administrator"),
    ],
)
def test_the_second_mark_of_auditing_can_be_chosen(auditor: Client, second: str, title: str) -> None:
    PlatformTenant("kdb-insights", second_auditing_role=second)

    cells = table_at(auditor, ROLES).cells

    assert [name for name in cells if cells[name]["View auditing"] == "yes"] == [title]
    assert "unclear" not in {row["View auditing"] for row in cells.values()}


def test_the_doubt_stands_at_the_column(auditor: Client) -> None:
    PlatformTenant("kdb-insights")

    page = auditor.get(ROLES).content.decode()

    assert 'class="noted" title="Who views auditing besides the Administrator"' in page


def test_a_name_that_only_looks_like_a_role_is_reported_and_opens_nothing(auditor: Client) -> None:
    acme = PlatformTenant("kdb-insights")
    acme.role("insights.role.admin")

    page = auditor.get(ROLES).content.decode()
    row = table_at(auditor, ROLES).cells["insights.role.admin"]

    assert "insights.role.admin only looks like insights.role.administrator" in page
    assert set(row.values()) == {"no"}


# --- prokube: what each role of a workspace gives -------------------------------------------------------

KUBERNETES, ISTIO, MINIO = (
    "Workloads in the workspace's namespace",
    "Reach the workspace's namespace",
    "Buckets of the workspace",
)
WORKSPACE = {
    "pk:": ("kubeflow-edit", "yes", "read-write"),
    "pk:edit:": ("kubeflow-edit", "yes", "read-write"),
    "pk:view:": ("kubeflow-view", "yes", "read-only"),
    "pk:s3:edit:": ("no", "no", "read-write"),
    "pk:s3:view:": ("no", "no", "read-only"),
}


def given(row: dict[str, str]) -> tuple[str, str, str]:
    return row[KUBERNETES], row[ISTIO], row[MINIO]


@pytest.fixture
def prokube() -> PlatformTenant:
    acme = PlatformTenant("prokube")
    for value in ("ada", "bob"):
        acme.family("workspace", value)
    return acme


def test_the_table_of_prokube_has_one_row_a_role_of_the_family(
    prokube: PlatformTenant, auditor: Client
) -> None:
    table = table_at(auditor, ROLES)

    assert {name: given(table.cells[f"{name}<profile>"]) for name in WORKSPACE} == WORKSPACE
    assert not [name for name in table.cells if "ada" in name]
    assert table.groups == ["Kubernetes RBAC", "Istio", "MinIO S3"]


def test_a_family_opens_to_its_members_with_the_same_cells(prokube: PlatformTenant, auditor: Client) -> None:
    opened = "|".join(f"{name}<profile>" for name in WORKSPACE)

    cells = table_at(auditor, f"{ROLES}&open={opened}").cells

    for value in ("ada", "bob"):
        assert {name: given(cells[f"{name}{value}"]) for name in WORKSPACE} == WORKSPACE


def test_a_workspace_is_a_column_and_its_cell_the_highest_level(
    prokube: PlatformTenant, auditor: Client
) -> None:
    """K4: per workspace, for somebody with both levels in one and one in another."""
    prokube.person("ann", "Ann Lee")
    prokube.person_role("ann", "pk:ada")
    prokube.person_role("ann", "pk:view:bob")
    base = "/t/acme/matrix/?show=resources&capability="

    by_service = {
        service: table_at(auditor, f"{base}{service}").cells["Ann Lee"]
        for service in ("kubernetes:workloads", "minio:buckets")
    }

    assert by_service == {
        "kubernetes:workloads": {"workspace ada": "kubeflow-edit", "workspace bob": "kubeflow-view"},
        "minio:buckets": {"workspace ada": "read-write", "workspace bob": "read-only"},
    }


def test_a_thousand_workspaces_stay_five_rows_and_cost_the_same_queries(
    prokube: PlatformTenant, auditor: Client
) -> None:
    """K3: five roles each, so 5,000."""
    from tests.pages import queries_of

    few = {url: queries_of(auditor, url) for url in (ROLES, f"{ROLES}&show=rights", "/t/acme/matrix/")}
    names = [f"{name}w{number}" for name in WORKSPACE for number in range(1000)]
    Role.objects.bulk_create(Role(realm=prokube.realm, name=one, created_by="-") for one in names)

    table = table_at(auditor, ROLES)

    assert len([name for name in table.cells if name.startswith("pk:")]) == 5
    assert {url: queries_of(auditor, url) for url in few} == few
    rights = table_at(auditor, "/t/acme/matrix/?view=roles&show=rights")
    assert [title for title in rights.titles if "pk:" in title] == [
        "Workspace identity: 1002 roles pk:<profile>",
        "Edit: 1002 roles pk:edit:<profile>",
        "View: 1002 roles pk:view:<profile>",
        "S3 read-write: 1002 roles pk:s3:edit:<profile>",
        "S3 read-only: 1002 roles pk:s3:view:<profile>",
    ]


# --- CDM: roles and services ----------------------------------------------------------------------------

CDM = {
    "cdm-admin": ("Admin", "Full access (incl. tenant onboarding)"),
    "cdm-operator": ("Editor", "Read + trigger deployments"),
    "cdm-viewer": ("Viewer", "Read-only"),
    "platform-admin": ("Admin", "Full access"),
    "platform-operator": ("Editor", "Read-only on tenants"),
    "pgadmin-users": ("no", "no"),
    "matrix-viewer": ("no", "no"),
}
ELSEWHERE = {
    "pgAdmin UI": {"pgadmin-users": "yes"},
    "Administrator of the management UI": {"platform-admin": "yes"},
    "Read people": {"matrix-viewer": "yes"},
    "Read the realm": {"matrix-viewer": "yes"},
}


def by_role(table: Table) -> dict[str, dict[str, str]]:
    """Return the rows by the names that Keycloak has."""
    names = dict(Role.objects.values_list("pk", "name"))
    return {names[int(table.keys[row][1:])]: cells for row, cells in table.cells.items()}


@pytest.fixture
def cdm() -> PlatformTenant:
    return PlatformTenant("cdm-provider")


def test_the_table_of_cdm_stands_cell_by_cell(cdm: PlatformTenant, auditor: Client) -> None:
    cells = by_role(table_at(auditor, ROLES))

    found = {name: (row["Role in Grafana"], row["IoT Bridge API"]) for name, row in cells.items()}
    assert {name: found[name] for name in CDM} == CDM


def test_what_the_documents_of_cdm_do_not_state_reads_not_stated(
    cdm: PlatformTenant, auditor: Client
) -> None:
    cells = by_role(table_at(auditor, ROLES))

    for capability, known in ELSEWHERE.items():
        found = {name: cells[name][capability] for name in CDM}
        assert found == {name: known.get(name, "not stated") for name in CDM}, capability


def test_joining_is_approved_by_the_two_administrators(cdm: PlatformTenant, auditor: Client) -> None:
    cells = by_role(table_at(auditor, ROLES))

    allowed = {name for name in CDM if cells[name]["Tenant onboarding"] == "yes"}
    assert allowed == {"cdm-admin", "platform-admin"}


# --- a tenant without a blueprint ------------------------------------------------------------------------


def test_a_tenant_without_a_platform_keeps_roles_as_columns(auditor: Client) -> None:
    acme = DeclaredTenant()
    acme.role("developer", "viewer")

    table = table_at(auditor, "/t/acme/matrix/?view=roles&show=capabilities")

    assert table.titles == ["Role developer", "Role viewer"]
    assert table.cells["developer"] == {"Role developer": "no", "Role viewer": "yes"}
