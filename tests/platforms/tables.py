"""The tables of the platforms' documents: who holds which role, and what that opens, cell by cell.

Transcribed by hand from the documents (docs/platforms has the reading of each cell), never from a blueprint.
A person is named after the role that she was given.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

YES, NO, EXEMPT, UNSTATED = "allowed", "none", "exempt", "unstated"
NOBODY = "nobody"  # signs in, and has no role of the platform


@dataclass(frozen=True)
class Cell:
    """What is answered to one question: the mark, and the level where there are levels."""

    mark: str
    level: str = ""

    @property
    def is_allowed(self) -> bool:
        return self.mark in (YES, EXEMPT)

    @property
    def word(self) -> str:
        """How the matrix says it."""
        return self.level or {YES: "yes", NO: "no", EXEMPT: "exempt"}.get(self.mark, "")


# --- kdb Insights: the grid of 13 capacities, and the four of the texts of the roles ---------------------

GRID_ROLES = {
    "V": "insights.role.viewer.dashboard",
    "Vi": "insights.role.viewer",
    "R": "insights.role.reporter",
    "D": "insights.role.developer",
    "M": "insights.role.maintainer",
    "A": "insights.role.administrator",
    "EA": "insights.entitlements.admin",
}
# capability | what it acts on | the marks. The Administrator has each, exempt from what is enforced.
GRID = """
insights:display-views         | package  | V Vi R D M
insights:view-entities         | package  | Vi R D M
insights:query-data            | database | Vi R D M
insights:view-logs             | package  | Vi R D M
insights:use-scratchpad        |          | Vi R D M
insights:create-entities       | package  | D M
insights:update-entities       | package  | D M
insights:start-stop            | package  | D M
insights:view-entitlements     | package  | Vi R D M EA
insights:edit-entitlements     | package  | D M EA
insights:delete-entities       | package  | M
insights:view-auditing         |          |
insights:access-all            |          |
insights:custom-queries        | database | R D M
insights:modify-log-levels     | package  | R D M
insights:export-configuration  | package  | R D M
insights:delete-persisted-data | package  | M
"""
# The second mark of auditing is the Maintainer's or the Entitlements Administrator's: no sentence decides.
UNCLEAR = {("insights:view-auditing", "M"), ("insights:view-auditing", "EA")}


def grid() -> Mapping[str, tuple[str, Mapping[str, Cell]]]:
    """Return for each capability the type that it acts on, and the cell of each role."""
    rows = ([part.strip() for part in row.split("|")] for row in GRID.strip().splitlines())
    return {
        capability: (kind, {short: _of_grid(capability, short, marks.split()) for short in GRID_ROLES})
        for capability, kind, marks in rows
    }


def _of_grid(capability: str, short: str, marks: list[str]) -> Cell:
    if short == "A":
        return Cell(EXEMPT)
    if (capability, short) in UNCLEAR:
        return Cell(UNSTATED)
    return Cell(YES if short in marks else NO)


# What stands in the token of who was given one role.
IN_TOKEN = {
    "V": {"insights.role.viewer.dashboard"},
    "Vi": {"insights.role.viewer", "insights.role.viewer.dashboard"},
    "R": {"insights.role.reporter", "insights.role.viewer", "insights.role.viewer.dashboard"},
    "D": {
        "insights.role.developer",
        "insights.role.reporter",
        "insights.role.viewer",
        "insights.role.viewer.dashboard",
    },
    "M": {
        "insights.role.maintainer",
        "insights.role.developer",
        "insights.role.reporter",
        "insights.role.viewer",
        "insights.role.viewer.dashboard",
    },
    "A": set(GRID_ROLES.values()),
    "EA": {"insights.entitlements.admin"},
}

# --- prokube: what each role of a workspace gives ------------------------------------------------------

WORKSPACE = {  # role -> Kubernetes RBAC, Istio, MinIO S3
    "pk:ada": (Cell(YES, "kubeflow-edit"), Cell(YES), Cell(YES, "read-write")),
    "pk:edit:ada": (Cell(YES, "kubeflow-edit"), Cell(YES), Cell(YES, "read-write")),
    "pk:view:ada": (Cell(YES, "kubeflow-view"), Cell(YES), Cell(YES, "read-only")),
    "pk:s3:edit:ada": (Cell(NO), Cell(NO), Cell(YES, "read-write")),
    "pk:s3:view:ada": (Cell(NO), Cell(NO), Cell(YES, "read-only")),
    NOBODY: (Cell(NO), Cell(NO), Cell(NO)),
}
SERVICES = ("kubernetes:namespace", "istio:reach", "minio:buckets")
EFFECTIVE = {
    "pk:ada": {"pk:ada", "pk:edit:ada", "pk:view:ada", "pk:s3:edit:ada", "pk:s3:view:ada"},
    "pk:edit:ada": {"pk:edit:ada", "pk:s3:edit:ada"},
    "pk:view:ada": {"pk:view:ada", "pk:s3:view:ada"},
    "pk:s3:edit:ada": {"pk:s3:edit:ada"},
    "pk:s3:view:ada": {"pk:s3:view:ada"},
    NOBODY: set(),
}

# --- CDM: roles and services ---------------------------------------------------------------------------

CDM = {  # role -> role in Grafana, IoT Bridge API
    "cdm-admin": (Cell(YES, "Admin"), Cell(YES, "Full access (incl. tenant onboarding)")),
    "cdm-operator": (Cell(YES, "Editor"), Cell(YES, "Read + trigger deployments")),
    "cdm-viewer": (Cell(YES, "Viewer"), Cell(YES, "Read-only")),
    "platform-admin": (Cell(YES, "Admin"), Cell(YES, "Full access")),
    "platform-operator": (Cell(YES, "Editor"), Cell(YES, "Read-only on tenants")),
    "pgadmin-users": (Cell(NO), Cell(NO)),
    "matrix-viewer": (Cell(NO), Cell(NO)),
}
CDM_SERVICES = ("grafana:role", "iot-bridge:api")
ONBOARDING = {"cdm-admin", "platform-admin"}
# The wider matrix is on a page that is not among the documents: what they do not state is said to be so.
STATED = {
    "pgadmin:open": {"pgadmin-users"},
    "rabbitmq:administrator": {"platform-admin"},
    "rabbitmq:read": {"platform-admin"},
    "rabbitmq:write": {"platform-admin"},
    "rabbitmq:configure": {"platform-admin"},
    "keycloak:read-users": {"matrix-viewer"},
    "keycloak:read-realm": {"matrix-viewer"},
}
RABBITMQ = {
    "rabbitmq.tag:administrator",
    "rabbitmq.read:*/*",
    "rabbitmq.write:*/*",
    "rabbitmq.configure:*/*",
}


def cdm() -> Mapping[str, Mapping[str, Cell]]:
    """Return for each capability the cell of each role."""
    found = {
        capability: {role: row[place] for role, row in CDM.items()}
        for place, capability in enumerate(CDM_SERVICES)
    }
    found["iot-bridge:onboarding"] = {role: Cell(YES if role in ONBOARDING else NO) for role in CDM}
    for capability, roles in STATED.items():
        found[capability] = {role: Cell(YES if role in roles else UNSTATED) for role in CDM}
    return found


def by_name(roles: Iterable[str]) -> dict[str, str]:
    """Return the user name of who has each role: the role in letters that every user name may have."""
    return {role: f"has-{GRID_ROLES.get(role, role)}".replace(":", "-") for role in roles}
