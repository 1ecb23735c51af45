"""What happened, in names that stay readable after the things themselves are gone."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone


class EventKind(models.TextChoices):
    """`area:object:verb`, alphabetical."""

    ACCESS_ADOPTED = "access:adoption:create", "Taken over from Keycloak"
    ACCESS_BULK_APPLIED = "access:bulk:apply", "Changed in bulk"
    ACCESS_BULK_TAKEN_BACK = "access:bulk:take-back", "Bulk change taken back"
    ACCESS_COMPOSITE_ADDED = "access:composite:add", "Role included"
    ACCESS_COMPOSITE_REMOVED = "access:composite:remove", "Role no longer included"
    ACCESS_ENTITLEMENT_GRANTED = "access:entitlement:grant", "Entitlement granted"
    ACCESS_ENTITLEMENT_REVOKED = "access:entitlement:revoke", "Entitlement revoked"
    ACCESS_ENTITLEMENT_NAMED = "access:entitlement:name", "Entitlement named"
    ACCESS_ENTITLEMENT_TYPE_CREATED = "access:entitlement-type:create", "Entitlement type created"
    ACCESS_ENTITLEMENT_TYPE_DELETED = "access:entitlement-type:delete", "Entitlement type deleted"
    ACCESS_ENTITLEMENT_TYPE_EDITED = "access:entitlement-type:edit", "Entitlement type edited"
    ACCESS_FAMILY_CREATED = "access:family:create", "Role family created"
    ACCESS_FAMILY_DELETED = "access:family:delete", "Role family taken back"
    ACCESS_GROUP_CREATED = "access:group:create", "Group created"
    ACCESS_GROUP_DELETED = "access:group:delete", "Group deleted"
    ACCESS_GROUP_EDITED = "access:group:edit", "Group edited"
    ACCESS_GROUP_ROLE_GIVEN = "access:group-role:give", "Role given to a group"
    ACCESS_GROUP_ROLE_TAKEN = "access:group-role:take", "Role taken from a group"
    ACCESS_MATRIX_EXPORTED = "access:matrix:export", "Access matrix exported"
    ACCESS_MEMBERSHIP_ADDED = "access:membership:add", "Person added to a group"
    ACCESS_MEMBERSHIP_REMOVED = "access:membership:remove", "Person removed from a group"
    ACCESS_PERSON_CREATED = "access:person:create", "Person created"
    ACCESS_PERSON_DELETED = "access:person:delete", "Person deleted"
    ACCESS_PERSON_EDITED = "access:person:edit", "Person edited"
    ACCESS_PERSON_ROLE_GIVEN = "access:person-role:give", "Role given to a person"
    ACCESS_PERSON_ROLE_TAKEN = "access:person-role:take", "Role taken from a person"
    ACCESS_RESOURCE_CREATED = "access:resource:create", "Resource created"
    ACCESS_RESOURCE_DELETED = "access:resource:delete", "Resource deleted"
    ACCESS_RESOURCE_EDITED = "access:resource:edit", "Resource edited"
    ACCESS_RESOURCE_OWNED = "access:resource:own", "Owners of a resource changed"
    ACCESS_ROLE_CREATED = "access:role:create", "Role created"
    ACCESS_ROLE_DELETED = "access:role:delete", "Role deleted"
    ACCESS_ROLE_EDITED = "access:role:edit", "Role edited"
    ACCESS_SERVICE_MEMBERSHIP_ADDED = "access:service-membership:add", "Service account added to a group"
    ACCESS_SERVICE_MEMBERSHIP_REMOVED = (
        "access:service-membership:remove",
        "Service account removed from a group",
    )
    ACCESS_SERVICE_ROLE_GIVEN = "access:service-role:give", "Role given to a service account"
    ACCESS_SERVICE_ROLE_TAKEN = "access:service-role:take", "Role taken from a service account"
    ACCESS_SESSIONS_ENDED = "access:session:end", "Sessions ended"
    ACCESS_TERM_BEGUN = "access:term:begin", "Begun on time"
    ACCESS_TERM_ENDED = "access:term:end", "Ended on time"
    ACCESS_TERM_REFUSED = "access:term:refuse", "Not begun"
    ACCESS_TERM_RENEWED = "access:term:renew", "Renewed"
    ACCESS_TERM_TOLD = "access:term:tell", "Told of an end by mail"
    ACCESS_VIEW_DROPPED = "access:view:drop", "View of the matrix dropped"
    ACCESS_VIEW_EDITED = "access:view:edit", "View of the matrix edited"
    ACCESS_VIEW_SAVED = "access:view:save", "View of the matrix kept"
    IDENTITY_ACCOUNT_CLOSED = "identity:account:close", "Account closed"
    IDENTITY_ACCOUNT_OPENED = "identity:account:open", "Account opened"
    IDENTITY_FACTOR_ADDED = "identity:factor:add", "Second factor added"
    IDENTITY_FACTOR_REMOVED = "identity:factor:remove", "Second factor removed"
    IDENTITY_LOCAL_CREATED = "identity:local:create", "Break-glass account created"
    IDENTITY_LOCAL_SIGNED_IN = "identity:local:sign-in", "Break-glass sign-in"
    IDENTITY_REFUSED = "identity:session:refuse", "Sign-in refused"
    IDENTITY_SIGNED_IN = "identity:session:sign-in", "Signed in"
    IDENTITY_SIGNED_OUT = "identity:session:sign-out", "Signed out"
    IDENTITY_TOKEN_CREATED = "identity:token:create", "API token made"
    IDENTITY_TOKEN_REVOKED = "identity:token:revoke", "API token revoked"
    SYNC_PLAN_CONFIRMED = "sync:plan:confirm", "Stop of the guard confirmed"
    SYNC_DRIFT_ACCEPTED = "sync:drift:accept", "Foreign thing accepted as it stands"
    SYNC_DRIFT_IGNORED = "sync:drift:ignore", "Drift ignored"
    SYNC_DRIFT_PUSHED = "sync:drift:push", "Drift to be undone in Keycloak"
    SYNC_DRIFT_SCHEDULED = "sync:drift:schedule", "Checks of a realm scheduled"
    SYNC_DRIFT_TAKEN = "sync:drift:take", "Keycloak's side to be taken over"
    SYNC_DRIFT_UNIGNORED = "sync:drift:notice", "Drift no longer ignored"
    SYNC_PLAN_RENEWED = "sync:plan:renew", "Stopped plan asked for anew"
    SYNC_RUN_ASKED = "sync:run:ask", "Run asked for by a command"
    SYNC_RUN_ENDED = "sync:run:end", "Sync ended"
    SYNC_WRITE_ENDED = "sync:write:end", "Write to Keycloak ended"
    SYNC_WRITE_INTENDED = "sync:write:intend", "Write to Keycloak begins"
    TENANTS_BLUEPRINT_APPLIED = "tenants:blueprint:apply", "Blueprint applied"
    TENANTS_BLUEPRINT_UPLOADED = "tenants:blueprint:create", "Blueprint uploaded"
    TENANTS_DECLARATION_DROPPED = "tenants:declaration:drop", "Configuration no longer declared"
    TENANTS_DECLARATION_PUT = "tenants:declaration:put", "Configuration declared"
    TENANTS_DECLARATION_RELEASED = "tenants:declaration:release", "Configuration no longer managed"
    TENANTS_DECLARATION_RENAMED = "tenants:declaration:rename", "Configuration renamed"
    TENANTS_REALM_EDITED = "tenants:realm:edit", "Realm edited"
    TENANTS_REALM_OBSERVED = "tenants:realm:observe", "Realm observed"
    TENANTS_SERVER_CREATED = "tenants:server:create", "Server added"
    TENANTS_SERVER_EDITED = "tenants:server:edit", "Server edited"
    TENANTS_TENANT_CREATED = "tenants:tenant:create", "Tenant created"
    TENANTS_TENANT_EDITED = "tenants:tenant:edit", "Tenant edited"


class AuditEvent(models.Model):
    """One row of the record. No foreign keys: it outlives everything that it names.

    The table is made in SQL (`0001_append_only`) with triggers that refuse UPDATE, DELETE and
    TRUNCATE, and is not managed by Django so that `flush` never tries.
    """

    id = models.BigAutoField(primary_key=True)
    event_id = models.UUIDField(default=uuid.uuid4)
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=64, choices=EventKind.choices)
    actor_key = models.CharField(max_length=255)
    actor_name = models.CharField(max_length=255)
    tenant = models.CharField(max_length=64, blank=True)
    scope = models.CharField(max_length=255, blank=True)
    subject = models.CharField(max_length=600)
    address = models.CharField(max_length=900, blank=True)
    old = models.JSONField(null=True)
    new = models.JSONField(null=True)
    reason = models.TextField(blank=True)
    ticket = models.CharField(max_length=64, blank=True)
    plan_id = models.UUIDField(null=True)
    run_id = models.UUIDField(null=True)

    objects: ClassVar[models.Manager["AuditEvent"]] = models.Manager()

    class Meta:
        managed = False
        db_table = "audit_event"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor_name}: {self.get_kind_display()} {self.subject}"

    @property
    def changed_fields(self) -> list[tuple[str, object, object]]:
        """Return (field, old, new) for each field that differs, in order."""
        old, new = self.old or {}, self.new or {}
        names = sorted({*old, *new})
        return [(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]
