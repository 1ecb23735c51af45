"""The statements that read a realm for the graph. Each row says which part it is of, then its columns:

part, kind, three texts, more (JSON), since, by, why.
"""

import re
from functools import cache

from console.engine.state import Kind

_NOTHING = "NULL::text"
_UNTOLD = "NULL::timestamptz, NULL::text, NULL::text"

STAMP = f"""
SELECT 'stamp', {_NOTHING}, moved.stamp, kept.stamp, {_NOTHING},
    CASE WHEN kept.stamp = moved.stamp THEN kept.around::text END, {_UNTOLD}
FROM (SELECT coalesce(md5(string_agg(id::text, ',' ORDER BY id)), '') AS stamp
    FROM access_kept_moved WHERE scope = %(scope)s) moved
LEFT JOIN access_kept_stamp kept ON kept.scope_id = %(scope)s
"""

# --- the structure ------------------------------------------------------------------------------------

_TOLD = "created_at, created_by"
_DECLARED_KINDS = (
    Kind.CLIENT,
    Kind.CLIENT_COMPOSITE,
    Kind.CLIENT_COMPOSITE_CLIENT_ROLE,
    Kind.CLIENT_DEFAULT_SCOPE,
    Kind.CLIENT_ROLE,
    Kind.CLIENT_SCOPE,
    Kind.COMPOSITE_CLIENT_ROLE,
    Kind.DEFAULT_GROUP,
    Kind.GROUP_CLIENT_ROLE,
    Kind.IDENTITY_PROVIDER,
    Kind.IDENTITY_PROVIDER_MAPPER,
    Kind.ORGANIZATION,
    Kind.ORGANIZATION_GROUP,
    Kind.ORGANIZATION_GROUP_CLIENT_ROLE,
    Kind.ORGANIZATION_GROUP_ROLE,
    Kind.SCOPE_CLIENT_ROLE,
    Kind.SCOPE_ROLE,
    Kind.SERVICE_CLIENT_ROLE,
    Kind.SERVICE_MEMBERSHIP,
    Kind.SERVICE_ROLE,
)
_SEEN_KINDS = (*_DECLARED_KINDS, Kind.COMPOSITE, Kind.GROUP, Kind.GROUP_ROLE)


def _quoted(kinds: tuple[Kind, ...]) -> str:
    return ", ".join(f"'{kind.value}'" for kind in kinds)


_SETTINGS = """CASE kind WHEN 'client' THEN (fields -> 'service_accounts')::text
    WHEN 'identity-provider-mapper' THEN fields::text END"""
_PERSONAL_KINDS = ("membership", "organization-group-member", "organization-member", "person") + (
    "person-client-role",
    "person-role",
)
_PERSONAL = ", ".join(f"'{kind}'" for kind in _PERSONAL_KINDS)

STRUCTURE = (
    f"SELECT 'name', 'role', name, {_NOTHING}, {_NOTHING}, {_NOTHING}, {_UNTOLD}"
    " FROM access_role WHERE realm_id = %(realm)s",
    f"SELECT 'link', 'group', path, {_NOTHING}, {_NOTHING}, {_NOTHING}, {_TOLD}, ''"
    " FROM access_group WHERE realm_id = %(realm)s",
    f"""SELECT 'link', 'composite', parent.name, child.name, {_NOTHING}, {_NOTHING},
        link.created_at, link.created_by, link.reason
    FROM access_composite link JOIN access_role parent ON parent.id = link.parent_id
    JOIN access_role child ON child.id = link.child_id WHERE link.realm_id = %(realm)s""",
    f"""SELECT 'link', 'group-role', grp.path, role.name, {_NOTHING}, {_NOTHING},
        link.created_at, link.created_by, link.reason
    FROM access_grouprole link JOIN access_group grp ON grp.id = link.group_id
    JOIN access_role role ON role.id = link.role_id
    WHERE link.realm_id = %(realm)s AND link.state = 'active'""",
    f"""SELECT 'link', 'entitlement', CASE WHEN grp.id IS NULL THEN 'client' ELSE 'group' END,
        coalesce(grp.path, substr(client.address, 8)), type.name || ':' || resource.name || ':' || link.level,
        {_NOTHING}, link.created_at, link.created_by, link.reason
    FROM access_entitlement link JOIN access_resource resource ON resource.id = link.resource_id
    JOIN access_entitlementtype type ON type.id = resource.type_id
    LEFT JOIN access_group grp ON grp.id = link.group_id
    LEFT JOIN tenants_declaration client ON client.id = link.client_id
    WHERE link.realm_id = %(realm)s AND link.person_id IS NULL AND link.state = 'active'""",
    f"""SELECT 'address', {_NOTHING}, address, {_NOTHING}, {_NOTHING}, {_SETTINGS},
        created_at, created_by, reason
    FROM tenants_declaration
    WHERE realm_id = %(realm)s AND state = 'active' AND kind IN ({_quoted(_DECLARED_KINDS)})""",
    f"""SELECT 'seen', {_NOTHING}, address, {_NOTHING}, {_NOTHING}, {_SETTINGS}, {_UNTOLD}
    FROM sync_observed WHERE scope_id = %(scope)s AND kind IN ({_quoted(_SEEN_KINDS)})""",
    f"""SELECT 'seen', {_NOTHING}, address, {_NOTHING}, {_NOTHING}, {_NOTHING}, {_UNTOLD}
    FROM sync_observed
    WHERE scope_id = %(scope)s AND kind = 'entitlement' AND owner NOT LIKE 'person:%%'""",
    f"""SELECT 'waiting', {_NOTHING}, address, was, {_NOTHING}, {_NOTHING}, {_UNTOLD}
    FROM sync_touched WHERE scope_id = %(scope)s AND split_part(address, ':', 1) NOT IN ({_PERSONAL})
    AND address NOT LIKE 'entitlement:person|%%'""",
)

# --- what people are in and have ----------------------------------------------------------------------

_ARE = "person.username = ANY(%(names)s)"
_OWN = "owner = ANY(%(owners)s)"


def _personal(*, everybody: bool) -> tuple[str, ...]:
    """Return the statements for people: all of them, or those that are named."""
    return (*_declared_of(everybody=everybody), *_seen_of(everybody=everybody))


def _declared_of(*, everybody: bool) -> tuple[str, ...]:
    are = "true" if everybody else _ARE
    declared = "true" if everybody else f"{_PERSON_OF} = ANY(%(quoted)s)"
    return (
        f"SELECT 'person', {_NOTHING}, username, {_NOTHING}, {_NOTHING}, {_NOTHING}, {_UNTOLD}"
        f" FROM access_person person WHERE realm_id = %(realm)s AND {are}",
        f"""SELECT 'link', 'membership', person.username, grp.path, {_NOTHING}, {_NOTHING},
            link.created_at, link.created_by, link.reason
        FROM access_membership link JOIN access_person person ON person.id = link.person_id
        JOIN access_group grp ON grp.id = link.group_id
        WHERE person.realm_id = %(realm)s AND link.state = 'active' AND {are}""",
        f"""SELECT 'link', 'person-role', person.username, role.name, {_NOTHING}, {_NOTHING},
            link.created_at, link.created_by, link.reason
        FROM access_personrole link JOIN access_person person ON person.id = link.person_id
        JOIN access_role role ON role.id = link.role_id
        WHERE person.realm_id = %(realm)s AND link.state = 'active' AND {are}""",
        f"""SELECT 'link', 'entitlement', 'person', person.username,
            type.name || ':' || resource.name || ':' || link.level, {_NOTHING},
            link.created_at, link.created_by, link.reason
        FROM access_entitlement link JOIN access_person person ON person.id = link.person_id
        JOIN access_resource resource ON resource.id = link.resource_id
        JOIN access_entitlementtype type ON type.id = resource.type_id
        WHERE person.realm_id = %(realm)s AND link.state = 'active' AND {are}""",
        f"""SELECT 'address', {_NOTHING}, address, {_NOTHING}, {_NOTHING}, {_NOTHING},
            created_at, created_by, reason
        FROM tenants_declaration WHERE realm_id = %(realm)s AND state = 'active'
        AND kind IN ('person-client-role', 'organization-group-member') AND {declared}""",
    )


def _seen_of(*, everybody: bool) -> tuple[str, ...]:
    """Return those of what was read and what waits, and of what is owned."""
    are = "true" if everybody else _ARE
    own = "true" if everybody else _OWN
    target = "true" if everybody else "target = ANY(%(names)s)"
    waiting = "true" if everybody else "address = ANY(%(things)s) OR was = ANY(%(things)s)"
    waiting += "" if everybody else f" OR {_PERSON_OF} = ANY(%(quoted)s)"
    return (
        f"""SELECT 'seen', {_NOTHING}, address, {_NOTHING}, {_NOTHING}, {_NOTHING}, {_UNTOLD}
        FROM sync_observed WHERE scope_id = %(scope)s
        AND kind IN ('membership', 'person-role', 'person-client-role') AND {own}""",
        f"""SELECT 'seen', {_NOTHING}, address, {_NOTHING}, {_NOTHING}, {_NOTHING}, {_UNTOLD}
        FROM sync_observed WHERE scope_id = %(scope)s
        AND kind = 'entitlement' AND owner LIKE 'person:%%' AND {own}""",
        f"""SELECT 'seen', {_NOTHING}, address, {_NOTHING}, {_NOTHING}, {_NOTHING}, {_UNTOLD}
        FROM sync_observed WHERE scope_id = %(scope)s AND kind = 'organization-group-member' AND {target}""",
        f"""SELECT 'known', {_NOTHING}, owner, {_NOTHING}, {_NOTHING}, {_NOTHING}, {_UNTOLD}
        FROM sync_observed WHERE scope_id = %(scope)s AND kind = 'person' AND {own} AND read_at <=
            (SELECT read_at FROM sync_scope WHERE id = %(scope)s)""",
        f"""SELECT 'waiting', {_NOTHING}, address, was, {_NOTHING}, {_NOTHING}, {_UNTOLD}
        FROM sync_touched WHERE scope_id = %(scope)s AND (split_part(address, ':', 1) IN ({_PERSONAL})
        OR address LIKE 'entitlement:person|%%') AND ({waiting})""",
        f"""SELECT 'owned', 'client', substr(client.address, 8), type.name || ':' || resource.name,
            {_NOTHING}, {_NOTHING}, {_UNTOLD}
        FROM access_resourceowner owner JOIN access_resource resource ON resource.id = owner.resource_id
        JOIN access_entitlementtype type ON type.id = resource.type_id
        JOIN tenants_declaration client ON client.id = owner.client_id WHERE owner.realm_id = %(realm)s""",
        f"""SELECT 'owned', 'person', person.username, type.name || ':' || resource.name,
            {_NOTHING}, {_NOTHING}, {_UNTOLD}
        FROM access_resourceowner owner JOIN access_person person ON person.id = owner.person_id
        JOIN access_resource resource ON resource.id = owner.resource_id
        JOIN access_entitlementtype type ON type.id = resource.type_id
        WHERE person.realm_id = %(realm)s AND {are}""",
    )


# Whose a link's address is, quoted as addresses have it.
_PERSON_OF = """CASE split_part(address, ':', 1)
    WHEN 'organization-group-member' THEN split_part(address, '|', 3)
    WHEN 'organization-member' THEN split_part(address, '|', 2)
    WHEN 'entitlement' THEN split_part(address, '|', 2)
    ELSE split_part(substr(address, strpos(address, ':') + 1), '|', 1) END"""


@cache
def whole(*, everybody: bool, structure: bool) -> str:
    """Return one statement for people, and for the structure too where that is asked for."""
    parts = [STAMP, *_personal(everybody=everybody), *(STRUCTURE if structure else ())]
    return _cast("\nUNION ALL\n".join(parts))


_TYPES = {"realm": "bigint", "scope": "bigint"}  # the others are arrays of texts


def _cast(text: str) -> str:
    """Return a statement whose values say their types: what prepares it does not know them."""
    text = " ".join(text.split())  # up to 4,096 characters psycopg remembers where the values stand
    return re.sub(r"%\((\w+)\)s", lambda one: f"{one.group()}::{_TYPES.get(one[1], 'text[]')}", text)


# --- the same of people, a row for each -----------------------------------------------------------------

# The first row is the realm's: its stamp, what is declared and what waits beside what stands at each person,
# and what service accounts own.
HOLDINGS = _cast(f"""
WITH asked AS MATERIALIZED (
    SELECT name, person.id, account.read_at, CASE WHEN person.id IS NULL
        THEN coalesce(account.fields -> 'enabled', 'true') = 'true' AND account.id IS NOT NULL
        ELSE person.enabled END AS enabled, person.id IS NOT NULL OR account.id IS NOT NULL AS there
    FROM unnest(%(names)s) name
    LEFT JOIN access_person person ON person.realm_id = %(realm)s AND person.username = name
    LEFT JOIN sync_observed account
        ON account.scope_id = %(scope)s AND account.kind = 'person' AND account.owner = name)
SELECT NULL, false, NULL::boolean, false,
    ARRAY[moved.stamp, CASE WHEN kept.stamp = moved.stamp THEN kept.around::text END],
    ARRAY(SELECT address FROM tenants_declaration WHERE realm_id = %(realm)s AND state = 'active'
        AND kind IN ('person-client-role', 'organization-group-member')
        AND 'person:' || split_part(substr(address, strpos(address, ':') + 1), '|',
            CASE kind WHEN 'person-client-role' THEN 1 ELSE 3 END) = ANY(%(things)s)),
    ARRAY(SELECT address || E'\\n' || coalesce(was, '') FROM sync_touched WHERE scope_id = %(scope)s
        AND (split_part(address, ':', 1) IN ({_PERSONAL}) OR address LIKE 'entitlement:person|%%')
        AND (address = ANY(%(things)s) OR was = ANY(%(things)s)
        OR 'person:' || {_PERSON_OF} = ANY(%(things)s))),
    ARRAY(SELECT substr(client.address, 8) || '|' || type.name || ':' || resource.name
        FROM access_resourceowner owner JOIN access_resource resource ON resource.id = owner.resource_id
        JOIN access_entitlementtype type ON type.id = resource.type_id
        JOIN tenants_declaration client ON client.id = owner.client_id
        WHERE client.realm_id = %(realm)s AND client.address = ANY(%(clients)s))
FROM (SELECT coalesce(md5(string_agg(id::text, ',' ORDER BY id)), '') AS stamp
    FROM access_kept_moved WHERE scope = %(scope)s) moved
LEFT JOIN access_kept_stamp kept ON kept.scope_id = %(scope)s
UNION ALL
SELECT name, id IS NOT NULL, CASE WHEN there THEN enabled END,
    coalesce(read_at <= (SELECT read_at FROM sync_scope WHERE id = %(scope)s), false),
    ARRAY(SELECT 'group:' || grp.path
        FROM access_membership link JOIN access_group grp ON grp.id = link.group_id
        WHERE link.person_id = asked.id AND link.state = 'active'
        UNION ALL SELECT 'role:' || role.name
        FROM access_personrole link JOIN access_role role ON role.id = link.role_id
        WHERE link.person_id = asked.id AND link.state = 'active'
        UNION ALL SELECT 'entitlement:' || type.name || ':' || resource.name || ':' || link.level
        FROM access_entitlement link JOIN access_resource resource ON resource.id = link.resource_id
        JOIN access_entitlementtype type ON type.id = resource.type_id
        WHERE link.person_id = asked.id AND link.state = 'active'),
    ARRAY(SELECT CASE kind WHEN 'membership' THEN 'group:' ELSE 'role:' END || target FROM sync_observed
        WHERE scope_id = %(scope)s AND kind IN ('membership', 'person-role') AND owner = name
        UNION ALL SELECT 'entitlement:' || target FROM sync_observed
        WHERE scope_id = %(scope)s AND kind = 'entitlement' AND owner = 'person:' || name),
    ARRAY(SELECT address FROM sync_observed
        WHERE scope_id = %(scope)s AND kind = 'person-client-role' AND owner = name
        UNION ALL SELECT address FROM sync_observed
        WHERE scope_id = %(scope)s AND kind = 'organization-group-member' AND target = name),
    ARRAY(SELECT type.name || ':' || resource.name
        FROM access_resourceowner owner JOIN access_resource resource ON resource.id = owner.resource_id
        JOIN access_entitlementtype type ON type.id = resource.type_id WHERE owner.person_id = asked.id)
FROM asked
""")
