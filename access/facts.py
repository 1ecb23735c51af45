"""What is known of somebody, for decisions: effective rights, what is owned, and how old that is.

What counts is what is declared here, joined with what is only in Keycloak, and without what waits to be taken
away there. A fixed number of queries, however many are asked for.
"""

from collections.abc import Collection

from access.graphs import access_of
from console.graph.decisions import Facts
from console.graph.edges import Node, NodeKind
from console.sync.impact import Pending
from tenants.models import Tenant


def facts_of(tenant: Tenant, subjects: Collection[Node]) -> dict[Node, Facts]:
    """Return what is known of each subject: people, groups, roles, service accounts.

    Who is not known has no rights; whether somebody may know of the subject is for the caller to judge.
    """
    usernames = [one.name for one in subjects if one.kind is NodeKind.PERSON]
    pending = Pending.of(tenant.realm.scope.touched.all())
    access = access_of(tenant.realm, people=usernames, pending=pending)
    held = access.graph.rights_of_all(subjects)
    return {
        one: Facts(
            subject=one,
            rights=rights | {one} if one.is_right else rights,
            read_at=access.read_at,
            unread=access.unreadable,
        )
        for one, rights in held.items()
    }
