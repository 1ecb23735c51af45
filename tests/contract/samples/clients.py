"""Samples of clients, client scopes, and what stands in them."""

from typing import Any

from console.engine.state import Kind
from tests.contract.samples.sample import Sample, each, thing
from tests.keycloak.world import World, at

MAPPER = {"type": "oidc-hardcoded-claim-mapper", "config": {"claim.name": "one", "claim.value": "1"}}
MAPPER_CHANGES = each(
    config={"claim.name": "two", "claim.value": "2", "id.token.claim": "true"},
    type="oidc-hardcoded-role-mapper",
)


def _client_at(world: World, name: str) -> dict[str, Any]:
    (found,) = world.get("clients", clientId=name)
    return dict(found)


def _scope_at(world: World, name: str) -> dict[str, Any]:
    return next(one for one in world.get("client-scopes") if one["name"] == name)


def _theirs(name: str) -> dict[str, Any]:
    config = {"claim.name": name, "claim.value": "theirs"}
    return {"name": name, "protocol": "openid-connect", "config": config} | {
        "protocolMapper": "oidc-hardcoded-claim-mapper"
    }


def _client(world: World) -> None:
    world.post("clients", json={"clientId": "tried", "name": "A stranger's", "secret": "strangers-own"})


def _plant_client(world: World) -> None:
    found = _client_at(world, "tried")
    id, attributes = found["id"], found["attributes"] | {"theirs": "1"}
    unmanaged = {"alwaysDisplayInConsole": True, "surrogateAuthRequired": True, "attributes": attributes}
    world.put("clients", id, json=found | unmanaged)
    world.post("clients", id, "roles", json={"name": "theirs", "attributes": {"their": ["own"]}})
    world.post("clients", id, "protocol-mappers", "models", json=_theirs("theirs"))
    world.put("clients", id, "default-client-scopes", _scope_at(world, "phone")["id"])


def _role(world: World) -> None:
    id = _client_at(world, "role-shop")["id"]
    world.post("clients", id, "roles", json={"name": "tried", "description": "A stranger's"})


def _plant_role(world: World) -> None:
    id = _client_at(world, "role-shop")["id"]
    found = world.get("clients", id, "roles", "tried")
    world.put("roles-by-id", found["id"], json=found | {"attributes": {"theirs": ["1", "2"]}})
    world.post("roles-by-id", found["id"], "composites", json=[world.get("roles", "offline_access")])


def _mapper(world: World) -> None:
    id = _client_at(world, "mapper-shop")["id"]
    world.post("clients", id, "protocol-mappers", "models", json=_theirs("tried"))


def _scope(world: World) -> None:
    named = {"name": "tried-scope", "protocol": "openid-connect"}
    world.post("client-scopes", json=named | {"description": "A stranger's"})


def _plant_scope(world: World) -> None:
    id = _scope_at(world, "tried-scope")["id"]
    world.put("client-scopes", id, json={"name": "tried-scope", "attributes": {"theirs": "1"}})
    world.post("client-scopes", id, "protocol-mappers", "models", json=_theirs("theirs"))
    world.post("client-scopes", id, "scope-mappings", "realm", json=[world.get("roles", "offline_access")])


def _scope_mapper(world: World) -> None:
    id = _scope_at(world, "mapper-scope")["id"]
    world.post("client-scopes", id, "protocol-mappers", "models", json=_theirs("tried"))


SAMPLES = (
    Sample(
        address=at(Kind.CLIENT, "tried"),
        fields={"name": "Tried", "redirect_uris": ["https://a.example/cb", "https://b.example/cb"]},
        changes=(
            *each(
                redirect_uris=["https://c.example/cb"],
                name="Tried again",
                description="A shop",
                web_origins=["+", "https://w.example"],
                post_logout_redirect_uris=["https://a.example/out", "https://b.example/out"],
                root_url="https://root.example",
                base_url="/home",
                admin_url="https://admin.example",
                standard_flow=False,
                implicit_flow=True,
                direct_access_grants=True,
                device_flow=True,
                full_scope_allowed=False,
                consent_required=True,
                pkce_method="S256",
                authenticator="client-jwt",
                access_token_lifespan=90,
                lightweight_token=True,
                frontchannel_logout=True,
                backchannel_logout_url="https://a.example/logout",
                attributes={"login_theme": "keycloak", "custom": "ours"},
                enabled=False,
                public=True,
            ),
            # A public client has no service account.
            {"public": False, "service_accounts": True},
            *each(service_accounts=False, attributes={"custom": ""}, protocol="saml"),
        ),
        renamed=at(Kind.CLIENT, "tried-anew"),
        stranger=_client,
        plant=_plant_client,
    ),
    Sample(
        address=at(Kind.CLIENT_ROLE, "role-shop", "tried"),
        fields={"description": "Buys"},
        changes=each(description="Buys and sells"),
        ground=(thing(Kind.CLIENT, "role-shop"),),
        beside=(thing(Kind.CLIENT_ROLE, "role-shop", "beside"),),
        renamed=at(Kind.CLIENT_ROLE, "role-shop", "tried-anew"),
        stranger=_role,
        plant=_plant_role,
    ),
    Sample(
        address=at(Kind.CLIENT_MAPPER, "mapper-shop", "tried"),
        fields=MAPPER,
        changes=MAPPER_CHANGES,
        ground=(thing(Kind.CLIENT, "mapper-shop"),),
        beside=(thing(Kind.CLIENT_MAPPER, "mapper-shop", "beside", **MAPPER),),
        stranger=_mapper,
    ),
    Sample(
        address=at(Kind.CLIENT_SCOPE, "tried-scope"),
        fields={"description": "Tried"},
        changes=each(
            description="Tried again",
            in_token=False,
            on_consent_screen=False,
            consent_text="May we?",
            attributes={"gui.order": "7", "custom": "ours"},
            protocol="saml",
        ),
        renamed=at(Kind.CLIENT_SCOPE, "tried-scope-anew"),
        stranger=_scope,
        plant=_plant_scope,
    ),
    Sample(
        address=at(Kind.MAPPER, "mapper-scope", "tried"),
        fields=MAPPER,
        changes=MAPPER_CHANGES,
        ground=(thing(Kind.CLIENT_SCOPE, "mapper-scope"),),
        beside=(thing(Kind.MAPPER, "mapper-scope", "beside", **MAPPER),),
        stranger=_scope_mapper,
    ),
)
