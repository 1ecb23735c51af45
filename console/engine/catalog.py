"""The registry of kinds: what each is called, what it stands on, which fields it has, and its manners."""

from collections.abc import Mapping
from types import MappingProxyType

from console.engine import fields_of as fields
from console.engine.catalog_links import LINKS
from console.engine.kind_spec import KindSpec
from console.engine.state import Kind

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
        has_name=True,
    ),
    Kind.PERSON: KindSpec("person", "people", 9, (None,), fields=fields.PERSON_FIELDS, has_name=True),
}

KINDS: Mapping[Kind, KindSpec] = MappingProxyType(_OBJECTS | LINKS)
