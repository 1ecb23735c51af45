"""The shapes of the REST API: what is read, and what is asked for."""

from typing import Any

from django.utils.dateparse import parse_datetime
from rest_framework import serializers

LARGEST = 2**63 - 1
MOST_AT_ONCE = 1000


class Shape(serializers.Serializer[Any]):
    """A plain shape: what was not asked for is refused, so that a slip of a name does not pass unseen."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            known = {name for name, one in self.fields.items() if not one.read_only}
            if unknown := sorted(set(map(str, data)) - known):
                raise serializers.ValidationError({name: ["There is no such field."] for name in unknown})
        return super().to_internal_value(data)


def key(**options: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=LARGEST, **options)


def keys(**options: Any) -> serializers.ListField:
    return serializers.ListField(child=key(), max_length=MOST_AT_ONCE, **options)


def optional(longest: int) -> serializers.CharField:
    """Return a field of text that may be left out or empty."""
    return serializers.CharField(max_length=longest, required=False, allow_blank=True, default="")


class Moment(serializers.CharField):
    """An instant with its zone, as ISO 8601 writes it; "" for none."""

    def __init__(self, **options: Any) -> None:
        usual: dict[str, Any] = {"max_length": 40, "required": False, "allow_blank": True, "default": ""}
        super().__init__(**(usual | options))

    def to_internal_value(self, data: Any) -> str:
        text = str(super().to_internal_value(data))
        try:
            found = parse_datetime(text) if text else None
        except ValueError:
            found = None
        if text and (found is None or found.tzinfo is None):
            raise serializers.ValidationError("Write an instant with its zone, like 2027-01-31T18:00:00Z.")
        return found.isoformat() if found else ""


class Asked(Shape):
    """What goes along with every change: why, and the number of a ticket."""

    reason = optional(2000)
    ticket = optional(64)


class Timed(Asked):
    starts_at = Moment(help_text="When it begins. Empty: at once.")
    ends_at = Moment(help_text="When it ends. Empty: never.")


class Edit(Asked):
    revision = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, help_text="Of what was read; or send If-Match."
    )


# --- what is asked for --------------------------------------------------------------------------------


class RoleIn(Asked):
    name = serializers.CharField(max_length=255)
    description = optional(255)


class RoleEdit(Edit, RoleIn):
    pass


class Includes(Asked):
    children = keys(allow_empty=False)


class GroupIn(Asked):
    name = serializers.CharField(max_length=255)
    parent = key(required=False, allow_null=True, default=None)  # type: ignore[assignment]
    description = optional(255)


class GroupEdit(Edit, GroupIn):
    pass


class PersonIn(Asked):
    username = serializers.CharField(max_length=255)
    email = optional(254)
    first_name = optional(255)
    last_name = optional(255)
    enabled = serializers.BooleanField(required=False, default=True)


class PersonEdit(Edit, PersonIn):
    username = None  # type: ignore[assignment]  # it stays as it is


class MembershipsIn(Timed):
    people = keys(allow_empty=False)
    groups = keys(allow_empty=False)


class PersonRolesIn(Timed):
    people = keys(allow_empty=False)
    roles = keys(allow_empty=False)


class GroupRolesIn(Timed):
    groups = keys(allow_empty=False)
    roles = keys(allow_empty=False)


class GrantIn(Timed):
    resource = key()
    level = serializers.CharField(max_length=40)
    people = keys(required=False, default=list)
    groups = keys(required=False, default=list)


class TypeIn(Shape):
    name = serializers.CharField(max_length=80)
    levels = serializers.ListField(
        child=serializers.CharField(max_length=40), allow_empty=False, max_length=12
    )
    description = optional(255)


class ResourceIn(Shape):
    type = key()
    name = serializers.CharField(max_length=80)
    description = optional(255)


# --- what is read -------------------------------------------------------------------------------------


class Tenant(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    served_by = serializers.CharField()
    realm = serializers.CharField(source="realm.name")
    server = serializers.CharField(source="realm.scope.server.name")
    read_at = serializers.DateTimeField(source="realm.scope.read_at", allow_null=True)
    is_observed = serializers.BooleanField(source="realm.scope.is_observed")


class Role(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField()
    revision = serializers.IntegerField()


class Group(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    path = serializers.CharField()
    parent = serializers.IntegerField(source="parent_id", allow_null=True)  # type: ignore[assignment]
    description = serializers.CharField()
    revision = serializers.IntegerField()


class Person(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    username = serializers.CharField()
    email = serializers.CharField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    enabled = serializers.BooleanField()
    revision = serializers.IntegerField()


class _Link(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    starts_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    reason = serializers.CharField()


class Membership(_Link):
    person = serializers.CharField(source="person.username")
    person_id = serializers.IntegerField()
    group = serializers.CharField(source="group.path")
    group_id = serializers.IntegerField()


class PersonRole(_Link):
    person = serializers.CharField(source="person.username")
    person_id = serializers.IntegerField()
    role = serializers.CharField(source="role.name")
    role_id = serializers.IntegerField()


class GroupRole(_Link):
    group = serializers.CharField(source="group.path")
    group_id = serializers.IntegerField()
    role = serializers.CharField(source="role.name")
    role_id = serializers.IntegerField()


class Grant(_Link):
    type = serializers.CharField(source="resource.type.name")
    resource = serializers.CharField(source="resource.name")
    resource_id = serializers.IntegerField()
    level = serializers.CharField()
    person = serializers.CharField(source="person.username", allow_null=True, default=None)
    group = serializers.CharField(source="group.path", allow_null=True, default=None)
    service_account = serializers.CharField(source="client.at.path.0", allow_null=True, default=None)


class EntitlementType(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    levels = serializers.ListField(child=serializers.CharField())
    description = serializers.CharField()


class Resource(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    type = serializers.CharField(source="type.name")
    type_id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField()


class Operation(serializers.Serializer[Any]):
    action = serializers.CharField()
    address = serializers.CharField()
    words = serializers.CharField()
    reason = serializers.CharField()


class Plan(serializers.Serializer[Any]):
    plan = serializers.UUIDField()
    title = serializers.CharField()
    state = serializers.CharField()
    digest = serializers.CharField()
    size = serializers.IntegerField()
    operations = Operation(many=True)
    unchanged = serializers.ListField(child=serializers.CharField())
    findings = serializers.ListField(child=serializers.DictField())
    stops = serializers.ListField(child=serializers.DictField())
    impact = serializers.DictField()
    read_at = serializers.DateTimeField()
    run = serializers.DictField(allow_null=True)
    links = serializers.DictField()


class Error(serializers.Serializer[Any]):
    status = serializers.IntegerField()
    reason = serializers.CharField()
    fields = serializers.DictField(required=False)  # type: ignore[assignment]
    who = serializers.CharField(required=False)


class Waiting(Error):
    plan = Plan(required=False)


class Overtaken(Error):
    theirs = serializers.DictField(required=False)
    revision = serializers.IntegerField(required=False)


class Cell(serializers.Serializer[Any]):
    mark = serializers.CharField()
    text = serializers.CharField()
    differs = serializers.BooleanField()


class MatrixRow(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    cells = Cell(many=True)


class MatrixColumn(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    group = serializers.CharField()


class Matrix(serializers.Serializer[Any]):
    columns = MatrixColumn(many=True)
    rows = MatrixRow(many=True)
    count = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    window = serializers.IntegerField()
    windows = serializers.IntegerField()
    is_folded = serializers.BooleanField()
    read_at = serializers.DateTimeField(allow_null=True)
    unread = serializers.DictField()


class PathStep(serializers.Serializer[Any]):
    words = serializers.CharField()
    target = serializers.CharField()
    is_hidden = serializers.BooleanField()
    origin = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    by = serializers.CharField()
    reason = serializers.CharField()
    is_pending = serializers.BooleanField()


class Way(serializers.Serializer[Any]):
    title = serializers.CharField()
    steps = PathStep(many=True)


class Paths(serializers.Serializer[Any]):
    subject = serializers.CharField()
    right = serializers.CharField()
    holds = serializers.BooleanField()
    is_declared = serializers.BooleanField()
    is_live = serializers.BooleanField(allow_null=True)
    count = serializers.CharField()
    ways = Way(many=True)
    hidden_steps = serializers.IntegerField()
    cut = serializers.ListField(child=serializers.CharField(), allow_null=True)
    read_at = serializers.DateTimeField(allow_null=True)
    unread = serializers.DictField()
