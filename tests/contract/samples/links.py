"""Samples of links: who has which role, who is in which group, which client has which scope."""

from console.engine.state import Kind
from tests.contract.samples.sample import Sample, thing
from tests.keycloak.world import at

ROLES = (thing(Kind.ROLE, "link-one"), thing(Kind.ROLE, "link-two"), thing(Kind.ROLE, "link-holder"))
SHOP = (
    thing(Kind.CLIENT, "link-shop", service_accounts=True),
    thing(Kind.CLIENT, "link-store"),
    thing(Kind.CLIENT_ROLE, "link-shop", "holder"),
    thing(Kind.CLIENT_ROLE, "link-store", "one"),
    thing(Kind.CLIENT_ROLE, "link-store", "two"),
)
SCOPES = (
    thing(Kind.CLIENT_SCOPE, "link-scope"),
    thing(Kind.CLIENT_SCOPE, "link-other"),
    thing(Kind.CLIENT_SCOPE, "link-choice"),
    thing(Kind.CLIENT_SCOPE, "link-other-choice"),
)
GROUPS = (thing(Kind.GROUP, "link-group"), thing(Kind.GROUP, "link-group/inner"))
ANN = (thing(Kind.PERSON, "link-ann"),)
GROUND = (*ROLES, *SHOP, *SCOPES, *GROUPS, *ANN)


def _role(kind: Kind, *holder: str) -> Sample:
    """A realm role of a holder, who has another realm role and a client role beside."""
    return Sample(
        address=at(kind, *holder, "link-one"),
        ground=GROUND,
        beside=(thing(kind, *holder, "link-two"), thing(_of_clients(kind), *holder, "link-store", "two")),
    )


def _client_role(kind: Kind, *holder: str) -> Sample:
    """A client role of a holder, who has another one of the client and a realm role beside."""
    return Sample(
        address=at(_of_clients(kind), *holder, "link-store", "one"),
        ground=GROUND,
        beside=(thing(_of_clients(kind), *holder, "link-store", "two"), thing(kind, *holder, "link-two")),
    )


def _of_clients(kind: Kind) -> Kind:
    if kind in (Kind.COMPOSITE, Kind.CLIENT_COMPOSITE):
        return Kind(f"{kind}-client-role")
    return Kind(kind.replace("-role", "-client-role"))


def _scope(kind: Kind, scope: str, beside: str) -> Sample:
    return Sample(address=at(kind, scope), ground=GROUND, beside=(thing(kind, beside),))


def _client_scope(kind: Kind, scope: str, beside: str) -> Sample:
    beside_it = (thing(kind, "link-shop", beside),)
    return Sample(address=at(kind, "link-shop", scope), ground=GROUND, beside=beside_it)


HOLDERS = (
    (Kind.COMPOSITE, "link-holder"),
    (Kind.CLIENT_COMPOSITE, "link-shop", "holder"),
    (Kind.GROUP_ROLE, "link-group/inner"),
    (Kind.PERSON_ROLE, "link-ann"),
    (Kind.SERVICE_ROLE, "link-shop"),
    (Kind.SCOPE_ROLE, "link-scope"),
    (Kind.ALLOWED_ROLE, "link-shop"),
)

SAMPLES = (
    *(_role(*holder) for holder in HOLDERS),
    *(_client_role(*holder) for holder in HOLDERS),
    Sample(
        address=at(Kind.MEMBERSHIP, "link-ann", "link-group/inner"),
        ground=GROUND,
        beside=(thing(Kind.MEMBERSHIP, "link-ann", "link-group"),),
    ),
    Sample(
        address=at(Kind.SERVICE_MEMBERSHIP, "link-shop", "link-group/inner"),
        ground=GROUND,
        beside=(thing(Kind.SERVICE_MEMBERSHIP, "link-shop", "link-group"),),
    ),
    Sample(
        address=at(Kind.DEFAULT_GROUP, "link-group/inner"),
        ground=GROUND,
        beside=(thing(Kind.DEFAULT_GROUP, "link-group"),),
    ),
    _scope(Kind.DEFAULT_SCOPE, "link-scope", "link-other"),
    _scope(Kind.OPTIONAL_SCOPE, "link-choice", "link-other-choice"),
    _client_scope(Kind.CLIENT_DEFAULT_SCOPE, "link-scope", "link-other"),
    _client_scope(Kind.CLIENT_OPTIONAL_SCOPE, "link-choice", "link-other-choice"),
)
