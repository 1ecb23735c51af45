"""What the REST API answers with."""

from typing import Any

from rest_framework import serializers

from console.engine.state import Address


class PartOf(serializers.CharField):
    """One part of an address, such as the client id of a client."""

    def __init__(self, place: int, **options: Any) -> None:
        self.place = place
        super().__init__(**options)

    def to_representation(self, value: Any) -> str:
        address: Address = value
        return address.path[self.place]


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
    service_account = PartOf(0, source="client.at", allow_null=True, default=None)


class ServiceAccount(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="row.pk")
    client_id = serializers.CharField(source="name")
    description = serializers.CharField()
    roles = serializers.IntegerField()
    groups = serializers.IntegerField()
    entitlements = serializers.IntegerField()


class ServiceRole(_Link):
    service_account = PartOf(0, source="at")
    role = PartOf(1, source="at")


class ServiceMembership(_Link):
    service_account = PartOf(0, source="at")
    group = PartOf(1, source="at")


class EntitlementType(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    levels = serializers.ListField(child=serializers.CharField())
    description = serializers.CharField()
    revision = serializers.IntegerField()


class Owner(serializers.Serializer[Any]):
    person = serializers.CharField(source="person.username", allow_null=True, default=None)
    person_id = serializers.IntegerField(allow_null=True)
    service_account = PartOf(0, source="client.at", allow_null=True, default=None)
    client_id = serializers.IntegerField(allow_null=True)


class Resource(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    type = serializers.CharField(source="type.name")
    type_id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField()
    owners = Owner(many=True)
    revision = serializers.IntegerField()


class NamedEntitlement(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    type = serializers.CharField(source="resource.type.name")
    resource = serializers.CharField(source="resource.name")
    resource_id = serializers.IntegerField()
    level = serializers.CharField()
    value = serializers.CharField()
    description = serializers.CharField()
    revision = serializers.IntegerField()


class FamilyRole(serializers.Serializer[Any]):
    pattern = serializers.CharField(source="pattern.text")
    title = serializers.CharField()
    description = serializers.CharField()


class Family(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()
    parameter = serializers.CharField()
    roles = FamilyRole(many=True)
    given = serializers.CharField(source="given.text", allow_null=True, default=None)
    made_with_person = serializers.BooleanField()
    sets_off = serializers.CharField()
    left_behind = serializers.CharField()


class MemberRole(serializers.Serializer[Any]):
    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()


class FamilyMember(serializers.Serializer[Any]):
    value = serializers.CharField()
    is_whole = serializers.BooleanField()
    roles = MemberRole(many=True)


class PersonWithout(serializers.Serializer[Any]):
    username = serializers.CharField()
    is_declared = serializers.BooleanField()


class Parameter(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    type = serializers.CharField()
    help = serializers.CharField()
    required = serializers.BooleanField()  # type: ignore[assignment]
    fixed = serializers.BooleanField()
    choices = serializers.ListField(child=serializers.CharField())


class Blueprint(serializers.Serializer[Any]):
    key = serializers.CharField()
    version = serializers.CharField()
    name = serializers.CharField()
    parameters = Parameter(many=True)


class Operation(serializers.Serializer[Any]):
    action = serializers.CharField()
    address = serializers.CharField()
    words = serializers.CharField()
    reason = serializers.CharField()


class Note(serializers.Serializer[Any]):
    sentence = serializers.CharField()
    follows = serializers.CharField()


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
    notes = Note(many=True)
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


class Bulk(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField()
    sentence = serializers.CharField()
    stage = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    columns = serializers.DictField(child=serializers.CharField(allow_blank=True))
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()


class Standing(serializers.Serializer[Any]):
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    failed = serializers.IntegerField()
    waiting = serializers.IntegerField()
    is_paused = serializers.BooleanField()


class BulkDetail(Bulk):
    found = serializers.DictField()
    plan = Plan(allow_null=True)
    standing = Standing(allow_null=True)


class BulkError(serializers.Serializer[Any]):
    column = serializers.CharField()
    value = serializers.CharField()
    sentence = serializers.CharField()


class BulkRow(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    part = serializers.CharField()
    cells = serializers.ListField(child=serializers.CharField())
    outcome = serializers.CharField()
    wish = serializers.DictField(help_text="What the row asks for.")
    errors = BulkError(many=True)  # type: ignore[assignment]
    result = serializers.CharField()
    explanation = serializers.CharField()
