"""Triggers that say when the structure of a realm moved, whoever wrote it. See `access.models.kept`."""

from typing import ClassVar

from django.db import migrations

# What belongs to one person moves nothing: it is read anew for each answer.
_PERSONAL = "'membership', 'organization-group-member', 'organization-member', 'person'"
_PERSONAL += ", 'person-client-role', 'person-role'"
_STRUCTURAL = {
    "access_composite": "true",
    "access_entitlement": "moved.person_id IS NULL",
    "access_entitlementtype": "true",
    "access_group": "true",
    "access_grouprole": "true",
    "access_resource": "true",
    "access_role": "true",
    "tenants_declaration": f"moved.kind NOT IN ({_PERSONAL})",
}
_OBSERVED = (
    f"moved.kind NOT IN ({_PERSONAL}) AND NOT (moved.kind = 'entitlement' AND moved.owner LIKE 'person:%')"
)
_TOUCHED = (
    f"split_part(moved.address, ':', 1) NOT IN ({_PERSONAL})"
    " AND moved.address NOT LIKE 'entitlement:person|%'"
)


def _function(name: str, scopes: str) -> str:
    return f"""
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO access_kept_moved (id, scope) SELECT gen_random_uuid(), found.scope_id FROM ({scopes}) AS found;
    RETURN NULL;
END $$;
"""


def _trigger(table: str, name: str, event: str, tables: str, function: str) -> str:
    return f"""
CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {tables}
    FOR EACH STATEMENT EXECUTE FUNCTION {function}();
"""


def _all_events(table: str, function: str, updated: str) -> str:
    return (
        _trigger(table, f"{table}_moved_by_insert", "INSERT", "NEW TABLE AS moved", function)
        + _trigger(table, f"{table}_moved_by_delete", "DELETE", "OLD TABLE AS moved", function)
        + _trigger(
            table, f"{table}_moved_by_update", "UPDATE", "OLD TABLE AS before NEW TABLE AS moved", updated
        )
    )


def _of_realm(table: str, condition: str) -> str:
    function = f"{table}_moved"
    scopes = (
        "SELECT DISTINCT realm.scope_id FROM moved"
        f" JOIN tenants_realm realm ON realm.id = moved.realm_id WHERE {condition}"
    )
    return _function(function, scopes) + _all_events(table, function, function)


def _of_scope(table: str, condition: str, changed: str) -> str:
    """A row that is only confirmed (its time is new) is no change."""
    function, updated = f"{table}_moved", f"{table}_moved_by_change"
    scopes = f"SELECT DISTINCT moved.scope_id FROM moved WHERE {condition}"
    joined = (
        "SELECT DISTINCT moved.scope_id FROM moved JOIN before ON before.id = moved.id"
        f" WHERE {condition} AND ({changed})"
    )
    return _function(function, scopes) + _function(updated, joined) + _all_events(table, function, updated)


_FIELDS = "(before.address, before.fields) IS DISTINCT FROM (moved.address, moved.fields)"
_WAS = "(before.address, before.was) IS DISTINCT FROM (moved.address, moved.was)"
CREATE = (
    "".join(_of_realm(table, condition) for table, condition in _STRUCTURAL.items())
    + _of_scope("sync_observed", _OBSERVED, _FIELDS)
    + _of_scope("sync_touched", _TOUCHED, _WAS)
)
DROP = "".join(
    [
        *(
            f"DROP FUNCTION {table}_moved() CASCADE;\n"
            for table in (*_STRUCTURAL, "sync_observed", "sync_touched")
        ),
        "DROP FUNCTION sync_observed_moved_by_change() CASCADE;\n",
        "DROP FUNCTION sync_touched_moved_by_change() CASCADE;\n",
    ]
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("access", "0004_kept_closures"),
        ("sync", "0009_what_a_plan_says"),
        ("tenants", "0005_time_limits"),
    ]
    operations: ClassVar = [migrations.RunSQL(CREATE, DROP)]
