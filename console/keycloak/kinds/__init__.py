"""One handler for each kind of thing in a realm."""

from collections.abc import Mapping

from console.engine.state import Kind
from console.keycloak.kinds.client_scope import ClientScopeHandler
from console.keycloak.kinds.composite import CompositeHandler
from console.keycloak.kinds.default_scope import DefaultScopeHandler
from console.keycloak.kinds.entitlement import EntitlementHandler
from console.keycloak.kinds.group import GroupHandler
from console.keycloak.kinds.group_role import GroupRoleHandler
from console.keycloak.kinds.handler import Handler
from console.keycloak.kinds.mapper import MapperHandler
from console.keycloak.kinds.membership import MembershipHandler
from console.keycloak.kinds.person import PersonHandler
from console.keycloak.kinds.person_role import PersonRoleHandler
from console.keycloak.kinds.profile_attribute import ProfileAttributeHandler
from console.keycloak.kinds.realm import RealmHandler
from console.keycloak.kinds.role import RoleHandler

_ALL: tuple[Handler, ...] = (
    RealmHandler(),
    ProfileAttributeHandler(),
    ClientScopeHandler(),
    MapperHandler(),
    DefaultScopeHandler(),
    RoleHandler(),
    CompositeHandler(),
    GroupHandler(),
    GroupRoleHandler(),
    PersonHandler(),
    MembershipHandler(),
    PersonRoleHandler(),
    EntitlementHandler(),
)

HANDLERS: Mapping[Kind, Handler] = {one.kind: one for one in _ALL}
