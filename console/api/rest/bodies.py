"""What the REST API is asked for: the bodies of its writes."""

from typing import Any

from django.utils.dateparse import parse_datetime
from rest_framework import serializers

from access.bulk.columns import LABELS
from access.bulk.forms import EXISTING, KINDS, MISSING, SEPARATORS
from access.bulk.reader import DELIMITERS
from access.entitlement_forms import NOBODY

LARGEST = 2**63 - 1
MOST_AT_ONCE = 1000
MOST_FAMILIES = 200
LONGEST_FILE = 2_000_000


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


def revision() -> serializers.IntegerField:
    """Return the field that may stand for an If-Match."""
    helps = "Of what was read; or send If-Match."
    return serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, help_text=helps)


class Edit(Asked):
    revision = revision()


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
    families = serializers.ListField(
        child=serializers.CharField(max_length=80),
        max_length=20,
        required=False,
        help_text="Families of roles to be made for the person; none. By their keys.",
        default=list,
    )


class PersonEdit(Edit, PersonIn):
    username = None  # type: ignore[assignment]  # it stays as it is
    families = None  # type: ignore[assignment]  # they are made at their own address


class MembershipsIn(Timed):
    people = keys(allow_empty=False)
    groups = keys(allow_empty=False)


class PersonRolesIn(Timed):
    people = keys(allow_empty=False)
    roles = keys(allow_empty=False)


class GroupRolesIn(Timed):
    groups = keys(allow_empty=False)
    roles = keys(allow_empty=False)


class ServiceRolesIn(Timed):
    clients = keys(allow_empty=False)
    roles = keys(allow_empty=False)


class ServiceMembershipsIn(Timed):
    clients = keys(allow_empty=False)
    groups = keys(allow_empty=False)


class Renewal(Asked):
    ends_at = Moment(help_text="The new end. Empty: no end any more.")


class GrantIn(Timed):
    entitlement = key(required=False, help_text="A named one; or say resource and level.")
    resource = key(required=False)
    level = optional(40)
    people = keys(required=False, default=list)
    groups = keys(required=False, default=list)
    clients = keys(required=False, default=list)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("entitlement" in attrs) == ("resource" in attrs and bool(attrs["level"])):
            raise serializers.ValidationError({"entitlement": [WHICH]})
        if not any(attrs[side] for side in ("people", "groups", "clients")):
            raise serializers.ValidationError({"people": [NOBODY]})
        return attrs


WHICH = "Say either a named entitlement, or a resource and a level."


class TypeIn(Shape):
    name = serializers.CharField(max_length=80)
    levels = serializers.ListField(
        child=serializers.CharField(max_length=40), allow_empty=False, max_length=12
    )
    description = optional(255)


class TypeEdit(Shape):
    levels = serializers.ListField(
        child=serializers.CharField(max_length=40), allow_empty=False, max_length=12
    )
    description = optional(255)
    revision = revision()


class Owners(Shape):
    people = keys(required=False, default=list)
    clients = keys(required=False, default=list)


class ResourceEdit(Owners):
    description = optional(255)
    revision = revision()


class ResourceIn(Owners):
    type = key()
    name = serializers.CharField(max_length=80)
    description = optional(255)


class NamedIn(Shape):
    type = key()
    resource = key(
        required=False, allow_null=True, default=None, help_text="Without one: every resource of the type."
    )
    level = serializers.CharField(max_length=40)
    name = optional(80)
    description = optional(255)


class NamedEdit(Shape):
    name = serializers.CharField(max_length=80)
    description = optional(255)
    revision = revision()


class TenantIn(Asked):
    """A tenant: with a realm of its own, with a share of one, or with a realm as a blueprint has it."""

    name = serializers.CharField(max_length=120)
    slug = serializers.CharField(max_length=63)
    server = serializers.CharField(max_length=63, help_text="By its name.")
    served_by = serializers.ChoiceField(choices=["realm", "share"], required=False, default="realm")
    realm = optional(63)
    blueprint = optional(80)
    version = optional(40)
    parameters = serializers.DictField(
        required=False, default=dict, help_text="By their names in the blueprint."
    )


class FamilyIn(Asked):
    value = serializers.CharField(max_length=100, trim_whitespace=False)


class FamilyPeopleIn(Asked):
    usernames = serializers.ListField(
        child=serializers.CharField(max_length=255), allow_empty=False, max_length=MOST_FAMILIES
    )


class BulkIn(Shape):
    """A CSV file as text, and how it is to be read."""

    kind = serializers.ChoiceField(choices=KINDS)
    csv = serializers.CharField(max_length=LONGEST_FILE, trim_whitespace=False)
    file_name = serializers.CharField(max_length=255, required=False, default="upload.csv")
    columns = serializers.DictField(
        child=serializers.ChoiceField(choices=["", *map(str, LABELS)]),
        required=False,
        default=dict,
        help_text="What a column holds, by its name; of the others it is guessed.",
    )
    delimiter = serializers.ChoiceField(choices=[*DELIMITERS], required=False, allow_blank=True, default="")
    separator = serializers.ChoiceField(choices=SEPARATORS, required=False, default=";")
    missing = serializers.ChoiceField(choices=MISSING, required=False, default="refuse")
    existing = serializers.ChoiceField(choices=EXISTING, required=False, default="update")
