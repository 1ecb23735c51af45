"""The declared side of an imported realm: the same people, groups and roles as rows of the console."""

from access.models import Composite, Group, GroupRole, Membership, Person, PersonRole, Role
from tenants.models import Realm
from tests.bench import shape

CHUNK = 2000
BY = "bench"


def declare(realm: Realm, *, people: int) -> None:
    """Write the rows at once. They stand in Keycloak already, so nothing waits to be applied."""
    made = {"realm": realm, "created_by": BY}
    roles = {
        one.name: one for one in Role.objects.bulk_create(Role(name=name, **made) for name in shape.ROLES)
    }
    groups = _groups(realm)
    link = made | {"reason": "Imported."}
    Composite.objects.bulk_create(
        Composite(parent=roles[parent], child=roles[child], **link) for parent, child in shape.COMPOSITES
    )
    GroupRole.objects.bulk_create(
        GroupRole(group=groups[path], role=roles[role], **link) for path, role in shape.GROUP_ROLES
    )
    _people(realm, people, groups, roles)


def _groups(realm: Realm) -> dict[str, Group]:
    """Return all groups by path, those that were there among them."""
    groups = {one.path: one for one in Group.objects.filter(realm=realm)}
    for path in shape.GROUPS:
        parent, _, name = path.rpartition("/")
        groups[path] = Group.objects.create(
            realm=realm, created_by=BY, name=name, parent=groups.get(parent), path=path
        )
    return groups


def _people(realm: Realm, count: int, groups: dict[str, Group], roles: dict[str, Role]) -> None:
    made = {"realm": realm, "created_by": BY}
    all_people = list(shape.people(count))
    rows = Person.objects.bulk_create(
        [
            Person(
                username=one.username,
                email=one.email,
                first_name="First",
                last_name=one.username.title(),
                **made,
            )
            for one in all_people
        ],
        batch_size=CHUNK,
    )
    pairs = list(zip(rows, all_people, strict=True))
    Membership.objects.bulk_create(
        [Membership(person=row, group=groups[path], **made) for row, one in pairs for path in one.groups],
        batch_size=CHUNK,
    )
    PersonRole.objects.bulk_create(
        [PersonRole(person=row, role=roles[name], **made) for row, one in pairs for name in one.roles],
        batch_size=CHUNK,
    )
