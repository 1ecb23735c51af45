"""Samples of identity providers and user directories, with their mappers."""

from typing import Any

from console.engine.state import Kind
from console.keycloak.components import STORAGE
from tests.contract.samples.sample import Sample, each, thing
from tests.keycloak.world import World, at

OIDC = {
    "clientId": "tried",
    "authorizationUrl": "https://idp.example.org/auth",
    "tokenUrl": "https://idp.example.org/token",
}
LDAP = {
    "enabled": "true",
    "vendor": "other",
    "connectionUrl": "ldap://127.0.0.1:9",
    "usersDn": "ou=people,dc=example,dc=org",
    "authType": "none",
    "editMode": "READ_ONLY",
    "usernameLDAPAttribute": "uid",
    "rdnLDAPAttribute": "uid",
    "uuidLDAPAttribute": "entryUUID",
    "userObjectClasses": "inetOrgPerson",
    "importEnabled": "true",
}
CLAIM = {"syncMode": "INHERIT", "attribute": "unit", "attribute.value": "eng"}
PROVIDER_MAPPER = {"type": "hardcoded-attribute-idp-mapper", "config": CLAIM}
UNIT = {"ldap.attribute": "departmentNumber", "user.model.attribute": "unit", "read.only": "true"}
DIRECTORY_MAPPER = {"type": "user-attribute-ldap-mapper", "config": UNIT}


def _provider(world: World) -> None:
    theirs = {"alias": "tried", "providerId": "oidc", "displayName": "A stranger's", "config": OIDC}
    world.post("identity-provider", "instances", json=theirs)


def _plant_provider(world: World) -> None:
    place = ("identity-provider", "instances", "tried")
    found = world.get(*place)
    world.put(
        *place, json=found | {"config": found["config"] | {"theirs": "1"}, "authenticateByDefault": True}
    )
    _make_mapper(world, "tried", "theirs", "theirs")


def _provider_mapper(world: World) -> None:
    _make_mapper(world, "mapped", "tried", "theirs")


def _make_mapper(world: World, alias: str, name: str, value: str) -> None:
    made = {"name": name, "identityProviderAlias": alias, "identityProviderMapper": PROVIDER_MAPPER["type"]}
    config = CLAIM | {"attribute.value": value}
    world.post("identity-provider", "instances", alias, "mappers", json=made | {"config": config})


def _directory(world: World) -> None:
    _make_component(world, "tried", providerId="ldap", providerType=STORAGE, config=LDAP | {"vendor": "ad"})


def _plant_directory(world: World) -> None:
    found = _component(world, "tried")
    more = {"batchSizeForSync": ["77"], "customUserSearchFilter": ["(objectClass=*)"]}
    world.put("components", found["id"], json=found | {"config": found["config"] | more})
    _make_mapper_in(world, "tried", "theirs")


def _directory_mapper(world: World) -> None:
    _make_mapper_in(world, "mapped", "tried")


def _plant_directory_mapper(world: World) -> None:
    found = _component(world, "tried")
    more = {"attribute.default.value": ["theirs"]}
    world.put("components", found["id"], json=found | {"config": found["config"] | more})


def _make_mapper_in(world: World, directory: str, name: str) -> None:
    config = UNIT | {"user.model.attribute": "theirs"}
    kinds = {
        "providerId": DIRECTORY_MAPPER["type"],
        "providerType": "org.keycloak.storage.ldap.mappers.LDAPStorageMapper",
    }
    _make_component(world, name, parentId=_component(world, directory)["id"], config=config, **kinds)


def _make_component(world: World, name: str, *, config: dict[str, str], **representation: Any) -> None:
    several = {key: [value] for key, value in config.items()}
    world.post("components", json={"name": name, "config": several, **representation})


def _component(world: World, name: str) -> dict[str, Any]:
    (found,) = [one for one in world.get("components") if one.get("name") == name]
    return dict(found)


SAMPLES = (
    Sample(
        address=at(Kind.IDENTITY_PROVIDER, "tried"),
        fields={"provider": "oidc", "config": OIDC},
        changes=(
            *each(
                display_name="Tried",
                enabled=False,
                trust_email=True,
                link_only=True,
                hide_on_login=True,
                store_token=True,
                stored_tokens_readable=True,
                first_login_flow="first broker login",
                post_login_flow="browser",
                config=OIDC | {"clientId": "tried-anew", "prompt": "login"},
            ),
            {"config": OIDC | {"prompt": ""}},
        ),
        fixed={"provider": "saml"},
        stranger=_provider,
        plant=_plant_provider,
    ),
    Sample(
        address=at(Kind.IDENTITY_PROVIDER_MAPPER, "mapped", "tried"),
        fields=PROVIDER_MAPPER,
        changes=each(
            config=CLAIM | {"attribute.value": "ops"}, type="hardcoded-user-session-attribute-idp-mapper"
        ),
        ground=(thing(Kind.IDENTITY_PROVIDER, "mapped", provider="oidc", config=OIDC),),
        beside=(thing(Kind.IDENTITY_PROVIDER_MAPPER, "mapped", "beside", **PROVIDER_MAPPER),),
        stranger=_provider_mapper,
    ),
    Sample(
        address=at(Kind.DIRECTORY, "tried"),
        fields={"config": LDAP},
        changes=(
            {"config": LDAP | {"vendor": "ad"}},
            {"config": LDAP | {"pagination": "true"}},
            {"config": LDAP | {"pagination": ""}},
        ),
        renamed=at(Kind.DIRECTORY, "tried-anew"),
        fixed={"provider": "kerberos"},
        stranger=_directory,
        plant=_plant_directory,
    ),
    Sample(
        address=at(Kind.DIRECTORY_MAPPER, "mapped", "tried"),
        fields=DIRECTORY_MAPPER,
        changes=(
            {"config": UNIT | {"ldap.attribute": "ou"}},
            {"config": UNIT | {"is.mandatory.in.ldap": "true"}},
            {"config": UNIT | {"is.mandatory.in.ldap": ""}},
            {
                "type": "hardcoded-attribute-mapper",
                "config": {"user.model.attribute": "unit", "attribute.value": "x"},
            },
        ),
        ground=(thing(Kind.DIRECTORY, "mapped", config=LDAP),),
        beside=(thing(Kind.DIRECTORY_MAPPER, "mapped", "beside", **DIRECTORY_MAPPER),),
        stranger=_directory_mapper,
        plant=_plant_directory_mapper,
    ),
)
