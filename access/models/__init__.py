"""The access side as declared here: things, and the links between them."""

from access.models.entitlements import (
    Entitlement,
    EntitlementType,
    NamedEntitlement,
    Resource,
    ResourceOwner,
)
from access.models.groups import Group, GroupRole
from access.models.kept import KeptClosure, KeptStamp, Moved
from access.models.notices import Notice
from access.models.people import Membership, Person, PersonRole
from access.models.roles import Composite, Role
from access.models.saved_views import SavedView

__all__ = [
    "Composite",
    "Entitlement",
    "EntitlementType",
    "Group",
    "GroupRole",
    "KeptClosure",
    "KeptStamp",
    "Membership",
    "Moved",
    "NamedEntitlement",
    "Notice",
    "Person",
    "PersonRole",
    "Resource",
    "ResourceOwner",
    "Role",
    "SavedView",
]
