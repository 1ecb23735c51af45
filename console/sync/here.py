"""What a change does to what is declared here, for plans that write nothing or little to Keycloak.

A take-over brings what is declared to what Keycloak holds: no operation shows that, so the plan keeps it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from console.audit.models import AuditEvent
from console.engine.operation import Action, Operation
from console.engine.state import Address
from console.sync.words import shown, thing

MOST = 200

Here = dict[str, Any]


def here_of(rows: Iterable[AuditEvent], operations: Sequence[Operation]) -> Here:
    """Return, as plain JSON, what becomes different here: empty for a plan that writes to Keycloak.

    `rows` are [what, [field, before, after] for each field]; what is given up has no fields. `left` are
    [what, why it stays as it is in Keycloak].
    """
    if any(one.action is not Action.ADOPT for one in operations):
        return {}
    told, left = [], []
    for row in rows:
        if not row.address:
            left += [[thing(Address.parse(key)), why] for key, why in _whys(row).items()]
        elif row.old is not None and (row.new is None or row.changed_fields):
            told.append([row.subject, _fields(row)])
    found = {"rows": told[:MOST], "count": len(told), "left": left[:MOST]}
    return found if told or left else {}


def _whys(row: AuditEvent) -> dict[str, str]:
    """Return what is left in Keycloak, each with why, from the one row that says so."""
    return {key: why for key, why in (row.new or {}).items() if ":" in key and isinstance(why, str)}


def _fields(row: AuditEvent) -> list[list[str]]:
    if row.new is None:
        return []
    return [[name.replace("_", " "), shown(old), shown(new)] for name, old, new in row.changed_fields]
