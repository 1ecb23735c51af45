"""Every right of the console, as `area:object:verb`, in alphabetical order."""

from enum import StrEnum


class Permission(StrEnum):
    ADOPTION_CREATE = "access:adoption:create"
    ASSIGNMENT_ADD = "access:assignment:add"
    ASSIGNMENT_REMOVE = "access:assignment:remove"
    ASSIGNMENT_VIEW = "access:assignment:view"
    BULK_CREATE = "access:bulk:create"
    BULK_VIEW = "access:bulk:view"
    COMPOSITE_ADD = "access:composite:add"
    COMPOSITE_REMOVE = "access:composite:remove"
    COMPOSITE_VIEW = "access:composite:view"
    ENTITLEMENT_CREATE = "access:entitlement:create"
    ENTITLEMENT_DELETE = "access:entitlement:delete"
    ENTITLEMENT_EDIT = "access:entitlement:edit"
    ENTITLEMENT_GRANT = "access:entitlement:grant"
    ENTITLEMENT_REVOKE = "access:entitlement:revoke"
    ENTITLEMENT_VIEW = "access:entitlement:view"
    GROUP_ROLE_ADD = "access:group-role:add"
    GROUP_ROLE_REMOVE = "access:group-role:remove"
    GROUP_ROLE_VIEW = "access:group-role:view"
    GROUP_CREATE = "access:group:create"
    GROUP_DELETE = "access:group:delete"
    GROUP_EDIT = "access:group:edit"
    GROUP_VIEW = "access:group:view"
    MATRIX_VIEW = "access:matrix:view"
    MEMBERSHIP_ADD = "access:membership:add"
    MEMBERSHIP_REMOVE = "access:membership:remove"
    MEMBERSHIP_VIEW = "access:membership:view"
    PERSON_CREATE = "access:person:create"
    PERSON_DELETE = "access:person:delete"
    PERSON_EDIT = "access:person:edit"
    PERSON_VIEW = "access:person:view"
    ROLE_CREATE = "access:role:create"
    ROLE_DELETE = "access:role:delete"
    ROLE_EDIT = "access:role:edit"
    ROLE_VIEW = "access:role:view"
    AUDIT_VIEW = "audit:event:view"
    OVERVIEW_VIEW = "console:overview:view"
    PROFILE_EDIT = "identity:profile:edit"
    PROFILE_VIEW = "identity:profile:view"
    DRIFT_ACCEPT = "sync:drift:accept"
    DRIFT_CHECK = "sync:drift:check"
    DRIFT_IGNORE = "sync:drift:ignore"
    DRIFT_PUSH = "sync:drift:push"
    DRIFT_SCHEDULE = "sync:drift:schedule"
    DRIFT_VIEW = "sync:drift:view"
    PLAN_APPLY = "sync:plan:apply"
    PLAN_CREATE = "sync:plan:create"
    PLAN_VIEW = "sync:plan:view"
    RUN_RETRY = "sync:run:retry"
    RUN_START = "sync:run:start"
    RUN_VIEW = "sync:run:view"
    DECLARATION_DROP = "tenants:declaration:drop"
    DECLARATION_EDIT = "tenants:declaration:edit"
    DECLARATION_RELEASE = "tenants:declaration:release"
    DECLARATION_VIEW = "tenants:declaration:view"
    REALM_ADOPT = "tenants:realm:adopt"
    REALM_CREATE = "tenants:realm:create"
    REALM_EDIT = "tenants:realm:edit"
    REALM_OBSERVE = "tenants:realm:observe"
    REALM_VIEW = "tenants:realm:view"
    SERVER_CREATE = "tenants:server:create"
    SERVER_DELETE = "tenants:server:delete"
    SERVER_EDIT = "tenants:server:edit"
    SERVER_TEST = "tenants:server:test"
    SERVER_VIEW = "tenants:server:view"
    TENANT_CREATE = "tenants:tenant:create"
    TENANT_DELETE = "tenants:tenant:delete"
    TENANT_EDIT = "tenants:tenant:edit"
    TENANT_VIEW = "tenants:tenant:view"

    @property
    def area(self) -> str:
        return self.value.partition(":")[0]

    @property
    def verb(self) -> str:
        return self.value.rpartition(":")[2]

    @property
    def sentence(self) -> str:
        """The right in words, e.g. “add assignment” for `access:assignment:add`."""
        _, thing, verb = self.value.split(":")
        return f"{verb} {thing.replace('-', ' ')}"
