"""One handler for each kind of thing in a realm."""

from collections.abc import Mapping

from console.engine.state import Kind
from console.keycloak.kinds.client import ClientHandler
from console.keycloak.kinds.client_role import ClientRoleHandler
from console.keycloak.kinds.client_scope import ClientScopeHandler
from console.keycloak.kinds.default_group import DefaultGroupHandler
from console.keycloak.kinds.directory import DirectoryHandler
from console.keycloak.kinds.directory_mapper import DirectoryMapperHandler
from console.keycloak.kinds.entitlement import EntitlementHandler
from console.keycloak.kinds.group import GroupHandler
from console.keycloak.kinds.handler import Handler
from console.keycloak.kinds.identity_provider import IdentityProviderHandler
from console.keycloak.kinds.identity_provider_mapper import IdentityProviderMapperHandler
from console.keycloak.kinds.mapper import MapperHandler
from console.keycloak.kinds.membership import MembershipHandler
from console.keycloak.kinds.organization import OrganizationHandler
from console.keycloak.kinds.organization_group import OrganizationGroupHandler
from console.keycloak.kinds.organization_group_roles import (
    OrganizationGroupClientRoleHandler,
    OrganizationGroupRoleHandler,
)
from console.keycloak.kinds.organization_links import (
    OrganizationGroupMemberHandler,
    OrganizationMemberHandler,
    OrganizationProviderHandler,
)
from console.keycloak.kinds.person import PersonHandler
from console.keycloak.kinds.profile_attribute import ProfileAttributeHandler, UserProfileHandler
from console.keycloak.kinds.realm import RealmHandler
from console.keycloak.kinds.required_action import RequiredActionHandler
from console.keycloak.kinds.role import RoleHandler
from console.keycloak.kinds.role_link import HOLDERS, RoleLinkHandler
from console.keycloak.kinds.scope_link import ClientScopeLinkHandler, RealmScopeHandler
from console.keycloak.kinds.service_membership import ServiceMembershipHandler

_ALL: tuple[Handler, ...] = (
    RealmHandler(),
    UserProfileHandler(),
    ProfileAttributeHandler(),
    RequiredActionHandler(),
    ClientScopeHandler(),
    MapperHandler(Kind.MAPPER, Kind.CLIENT_SCOPE),
    RealmScopeHandler(Kind.DEFAULT_SCOPE, "default"),
    RealmScopeHandler(Kind.OPTIONAL_SCOPE, "optional"),
    RoleHandler(),
    ClientHandler(),
    ClientRoleHandler(),
    MapperHandler(Kind.CLIENT_MAPPER, Kind.CLIENT),
    ClientScopeLinkHandler(Kind.CLIENT_DEFAULT_SCOPE, "default"),
    ClientScopeLinkHandler(Kind.CLIENT_OPTIONAL_SCOPE, "optional"),
    DirectoryHandler(),
    DirectoryMapperHandler(),
    IdentityProviderHandler(),
    IdentityProviderMapperHandler(),
    OrganizationHandler(),
    OrganizationGroupHandler(),
    OrganizationProviderHandler(),
    OrganizationMemberHandler(),
    OrganizationGroupMemberHandler(),
    OrganizationGroupRoleHandler(),
    OrganizationGroupClientRoleHandler(),
    GroupHandler(),
    DefaultGroupHandler(),
    PersonHandler(),
    MembershipHandler(),
    ServiceMembershipHandler(),
    EntitlementHandler(),
    *(RoleLinkHandler(kind) for kind in HOLDERS),
)

HANDLERS: Mapping[Kind, Handler] = {one.kind: one for one in _ALL}
