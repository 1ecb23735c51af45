"""The registry of kinds: what each is called, what it stands on, which fields it has, and its manners."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from console.engine import fields_of as fields
from console.engine.fields import FieldSpec
from console.engine.state import Kind


@dataclass(frozen=True, slots=True)
class KindSpec:
    """One kind.

    `parts` says, for each part of a path, which kind of thing is named there, if any. A thing whose
    own path is longer ends at that part and begins as many parts before: in `(person, None, client
    role)` the client role's path is the last two parts.

    `name` is how one is named, from the parts of its path; `noun` is that with what it is. `give` and
    `take` say what making and taking away a link does.

    `rank` is the place in the order of building: a scope is limited to roles before clients get it.
    `is_leftover` kinds confer nothing by their mere
    presence: they are deleted last. `has_name` kinds can be renamed: others refer to them by name.
    `is_given` kinds are Keycloak's own making: no longer declared, they are left as they are.
    `brings_own` kinds are made with things inside that Keycloak puts there, and go with them.
    `secrets` are fields that can be written and never be read.
    """

    label: str
    plural: str
    rank: int
    parts: tuple[Kind | None, ...] = ()
    fields: Mapping[str, FieldSpec] = field(default_factory=dict)
    name: str = "{0}"
    noun: str = ""
    give: str = ""
    take: str = ""
    is_leftover: bool = False
    has_name: bool = False
    is_given: bool = False
    brings_own: bool = False
    secrets: tuple[str, ...] = ()

    @property
    def is_link(self) -> bool:
        return bool(self.give)


INNER = "{1} of {0}"

_OBJECTS = {
    Kind.REALM: KindSpec(
        "realm settings", "realm settings", 0, fields=fields.REALM_FIELDS, name="", secrets=("smtp_password",)
    ),
    Kind.USER_PROFILE: KindSpec(
        "user profile", "user profile", 1, fields=fields.USER_PROFILE_FIELDS, name="", is_given=True
    ),
    Kind.PROFILE_ATTRIBUTE: KindSpec(
        "profile attribute",
        "profile attributes",
        1,
        (None,),
        fields=fields.PROFILE_FIELDS,
        is_leftover=True,
    ),
    Kind.REQUIRED_ACTION: KindSpec(
        "required action", "required actions", 1, (None,), fields=fields.REQUIRED_ACTION_FIELDS, is_given=True
    ),
    Kind.CLIENT_SCOPE: KindSpec(
        "client scope",
        "client scopes",
        1,
        (None,),
        fields=fields.SCOPE_FIELDS,
        is_leftover=True,
        has_name=True,
    ),
    Kind.MAPPER: KindSpec(
        "token mapper",
        "token mappers",
        2,
        (Kind.CLIENT_SCOPE, None),
        fields=fields.MAPPER_FIELDS,
        name=INNER,
        is_leftover=True,
    ),
    Kind.DIRECTORY: KindSpec(
        "directory",
        "directories",
        1,
        (None,),
        fields=fields.DIRECTORY_FIELDS,
        has_name=True,
        brings_own=True,
        secrets=("bind_credential",),
    ),
    Kind.DIRECTORY_MAPPER: KindSpec(
        "directory mapper",
        "directory mappers",
        2,
        (Kind.DIRECTORY, None),
        fields=fields.DIRECTORY_MAPPER_FIELDS,
        name=INNER,
    ),
    Kind.ROLE: KindSpec("role", "roles", 2, (None,), fields=fields.DESCRIPTION, has_name=True),
    Kind.CLIENT: KindSpec(
        "client", "clients", 3, (None,), fields=fields.CLIENT_FIELDS, has_name=True, secrets=("secret",)
    ),
    Kind.CLIENT_ROLE: KindSpec(
        "client role",
        "client roles",
        4,
        (Kind.CLIENT, None),
        fields=fields.DESCRIPTION,
        name=INNER,
        has_name=True,
    ),
    Kind.CLIENT_MAPPER: KindSpec(
        "client mapper",
        "client mappers",
        4,
        (Kind.CLIENT, None),
        fields=fields.MAPPER_FIELDS,
        name=INNER,
        is_leftover=True,
    ),
    Kind.GROUP: KindSpec("group", "groups", 5, (None,), fields=fields.DESCRIPTION, has_name=True),
    Kind.IDENTITY_PROVIDER: KindSpec(
        "identity provider",
        "identity providers",
        6,
        (None,),
        fields=fields.IDENTITY_PROVIDER_FIELDS,
        secrets=("client_secret",),
    ),
    Kind.IDENTITY_PROVIDER_MAPPER: KindSpec(
        "identity-provider mapper",
        "identity-provider mappers",
        7,
        (Kind.IDENTITY_PROVIDER, None),
        fields=fields.IDENTITY_PROVIDER_MAPPER_FIELDS,
        name=INNER,
    ),
    Kind.ORGANIZATION: KindSpec(
        "organization", "organizations", 7, (None,), fields=fields.ORGANIZATION_FIELDS
    ),
    Kind.ORGANIZATION_GROUP: KindSpec(
        "organization group",
        "organization groups",
        8,
        (Kind.ORGANIZATION, None),
        fields=fields.DESCRIPTION,
        name=INNER,
    ),
    Kind.PERSON: KindSpec("person", "people", 9, (None,), fields=fields.PERSON_FIELDS, has_name=True),
}

ROLE, CLIENT_ROLE, PERSON, GROUP = Kind.ROLE, Kind.CLIENT_ROLE, Kind.PERSON, Kind.GROUP
CLIENT, SCOPE, ORGANIZATION = Kind.CLIENT, Kind.CLIENT_SCOPE, Kind.ORGANIZATION
IN_ORGANIZATION = Kind.ORGANIZATION_GROUP


def _link(
    label: str,
    rank: int,
    parts: tuple[Kind | None, ...],
    *,
    noun: str,
    give: str,
    take: str,
    plural: str = "",
) -> KindSpec:
    return KindSpec(label, plural or f"{label}s", rank, parts, noun=noun, give=give, take=take)


_CLIENT_LINKS = {
    Kind.DEFAULT_SCOPE: _link(
        "default client scope",
        11,
        (SCOPE,),
        noun='default client scope "{0}"',
        give="Give every new client the scope {0}",
        take="No longer give new clients the scope {0}",
    ),
    Kind.OPTIONAL_SCOPE: _link(
        "optional client scope",
        11,
        (SCOPE,),
        noun='optional client scope "{0}"',
        give="Let every new client ask for the scope {0}",
        take="No longer let new clients ask for the scope {0}",
    ),
    Kind.CLIENT_DEFAULT_SCOPE: _link(
        "default scope of a client",
        11,
        (CLIENT, SCOPE),
        noun='default scope "{1}" of client "{0}"',
        plural="default scopes of clients",
        give="Give client {0} the default scope {1}",
        take="Take the default scope {1} from client {0}",
    ),
    Kind.CLIENT_OPTIONAL_SCOPE: _link(
        "optional scope of a client",
        11,
        (CLIENT, SCOPE),
        noun='optional scope "{1}" of client "{0}"',
        plural="optional scopes of clients",
        give="Let client {0} ask for the scope {1}",
        take="No longer let client {0} ask for the scope {1}",
    ),
    Kind.SCOPE_ROLE: _link(
        "role of a client scope",
        10,
        (SCOPE, ROLE),
        noun='role "{1}" that client scope "{0}" is limited to',
        plural="roles of client scopes",
        give="Let client scope {0} carry the role {1}",
        take="No longer let client scope {0} carry the role {1}",
    ),
    Kind.SCOPE_CLIENT_ROLE: _link(
        "client role of a client scope",
        10,
        (SCOPE, None, CLIENT_ROLE),
        noun='role "{2}" of client "{1}" that client scope "{0}" is limited to',
        plural="client roles of client scopes",
        give="Let client scope {0} carry the role {2} of {1}",
        take="No longer let client scope {0} carry the role {2} of {1}",
    ),
    Kind.ALLOWED_ROLE: _link(
        "role that a client may carry",
        10,
        (CLIENT, ROLE),
        noun='role "{1}" that client "{0}" may carry',
        plural="roles that clients may carry",
        give="Let tokens of client {0} carry the role {1}",
        take="No longer let tokens of client {0} carry the role {1}",
    ),
    Kind.ALLOWED_CLIENT_ROLE: _link(
        "client role that a client may carry",
        10,
        (CLIENT, None, CLIENT_ROLE),
        noun='role "{2}" of client "{1}" that client "{0}" may carry',
        plural="client roles that clients may carry",
        give="Let tokens of client {0} carry the role {2} of {1}",
        take="No longer let tokens of client {0} carry the role {2} of {1}",
    ),
    Kind.ORGANIZATION_PROVIDER: _link(
        "identity provider of an organization",
        11,
        (ORGANIZATION, Kind.IDENTITY_PROVIDER),
        noun='identity provider "{1}" of organization "{0}"',
        plural="identity providers of organizations",
        give="Let organization {0} sign in through {1}",
        take="No longer let organization {0} sign in through {1}",
    ),
}

_ROLE_LINKS = {
    Kind.COMPOSITE: _link(
        "included role",
        12,
        (ROLE, ROLE),
        noun='role "{1}" included in role "{0}"',
        give="Let {0} include {1}",
        take="Let {0} no longer include {1}",
    ),
    Kind.COMPOSITE_CLIENT_ROLE: _link(
        "included client role",
        12,
        (ROLE, None, CLIENT_ROLE),
        noun='role "{2}" of client "{1}" included in role "{0}"',
        give="Let {0} include {2} of {1}",
        take="Let {0} no longer include {2} of {1}",
    ),
    Kind.CLIENT_COMPOSITE: _link(
        "role included in a client role",
        12,
        (None, CLIENT_ROLE, ROLE),
        noun='role "{2}" included in role "{1}" of client "{0}"',
        plural="roles included in client roles",
        give="Let {1} of {0} include {2}",
        take="Let {1} of {0} no longer include {2}",
    ),
    Kind.CLIENT_COMPOSITE_CLIENT_ROLE: _link(
        "client role included in a client role",
        12,
        (None, CLIENT_ROLE, None, CLIENT_ROLE),
        noun='role "{3}" of client "{2}" included in role "{1}" of client "{0}"',
        plural="client roles included in client roles",
        give="Let {1} of {0} include {3} of {2}",
        take="Let {1} of {0} no longer include {3} of {2}",
    ),
    Kind.GROUP_ROLE: _link(
        "role of a group",
        13,
        (GROUP, ROLE),
        noun='role "{1}" of group "{0}"',
        plural="roles of groups",
        give="Give group {0} the role {1}",
        take="Take role {1} from group {0}",
    ),
    Kind.GROUP_CLIENT_ROLE: _link(
        "client role of a group",
        13,
        (GROUP, None, CLIENT_ROLE),
        noun='role "{2}" of client "{1}" of group "{0}"',
        plural="client roles of groups",
        give="Give group {0} the role {2} of {1}",
        take="Take role {2} of {1} from group {0}",
    ),
    Kind.ORGANIZATION_GROUP_ROLE: _link(
        "role of an organization group",
        13,
        (None, IN_ORGANIZATION, ROLE),
        noun='role "{2}" of group "{1}" of organization "{0}"',
        plural="roles of organization groups",
        give="Give group {1} of {0} the role {2}",
        take="Take role {2} from group {1} of {0}",
    ),
    Kind.ORGANIZATION_GROUP_CLIENT_ROLE: _link(
        "client role of an organization group",
        13,
        (None, IN_ORGANIZATION, None, CLIENT_ROLE),
        noun='role "{3}" of client "{2}" of group "{1}" of organization "{0}"',
        plural="client roles of organization groups",
        give="Give group {1} of {0} the role {3} of {2}",
        take="Take role {3} of {2} from group {1} of {0}",
    ),
    Kind.ENTITLEMENT: _link(
        "entitlement",
        14,
        (None, None, None),
        noun='entitlement "{2}" of {0} "{1}"',
        give="Grant {1} the entitlement {2}",
        take="Revoke the entitlement {2} of {1}",
    ),
}

_PEOPLE_LINKS = {
    Kind.DEFAULT_GROUP: _link(
        "default group",
        15,
        (GROUP,),
        noun='default group "{0}"',
        give="Add everybody who is new to {0}",
        take="No longer add everybody who is new to {0}",
    ),
    Kind.MEMBERSHIP: _link(
        "membership",
        15,
        (PERSON, GROUP),
        noun='membership of {0} in group "{1}"',
        give="Add {0} to {1}",
        take="Remove {0} from {1}",
    ),
    Kind.ORGANIZATION_MEMBER: _link(
        "member of an organization",
        15,
        (ORGANIZATION, PERSON),
        noun='membership of {1} in organization "{0}"',
        plural="members of organizations",
        give="Add {1} to organization {0}",
        take="Remove {1} from organization {0}",
    ),
    Kind.ORGANIZATION_GROUP_MEMBER: _link(
        "member of an organization group",
        16,
        (None, IN_ORGANIZATION, PERSON),
        noun='membership of {2} in group "{1}" of organization "{0}"',
        plural="members of organization groups",
        give="Add {2} to {1} of organization {0}",
        take="Remove {2} from {1} of organization {0}",
    ),
    Kind.SERVICE_ROLE: _link(
        "role of a service account",
        17,
        (CLIENT, ROLE),
        noun='role "{1}" of the service account of "{0}"',
        plural="roles of service accounts",
        give="Give the service account of {0} the role {1}",
        take="Take role {1} from the service account of {0}",
    ),
    Kind.SERVICE_CLIENT_ROLE: _link(
        "client role of a service account",
        17,
        (CLIENT, None, CLIENT_ROLE),
        noun='role "{2}" of client "{1}" of the service account of "{0}"',
        plural="client roles of service accounts",
        give="Give the service account of {0} the role {2} of {1}",
        take="Take role {2} of {1} from the service account of {0}",
    ),
    Kind.PERSON_ROLE: _link(
        "role of a person",
        17,
        (PERSON, ROLE),
        noun='role "{1}" of {0}',
        plural="roles of people",
        give="Give {0} the role {1}",
        take="Take role {1} from {0}",
    ),
    Kind.PERSON_CLIENT_ROLE: _link(
        "client role of a person",
        17,
        (PERSON, None, CLIENT_ROLE),
        noun='role "{2}" of client "{1}" of {0}',
        plural="client roles of people",
        give="Give {0} the role {2} of {1}",
        take="Take role {2} of {1} from {0}",
    ),
}

KINDS: Mapping[Kind, KindSpec] = MappingProxyType(_OBJECTS | _CLIENT_LINKS | _ROLE_LINKS | _PEOPLE_LINKS)
