"""What a role's page shows: its place among roles, who has it by which way, and the links that make it so.

In a share, roles, groups and people of other tenants of the realm are counted and not named.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from typing import Any

from access.graphs import access_of
from access.hierarchy import branches_of, drawn_of, picture_of
from access.impact import people_linked
from access.models import Group, Person, Role
from access.opens import opens_of
from access.queries import short_words, whole_words, with_status
from console.graph.closure import Graph
from console.graph.edges import Edge, Node, NodeKind, role
from console.sync.effects import ends_of
from console.timed import NOT_ENDED
from tenants.models import Tenant

NAMES_SHOWN = 2
DIRECT = 50
BAR = 640
BAR_WORDS = {"group": "through groups", "role": "through other roles", "direct": "direct"}
FOREIGN = "another tenant"

Way = tuple[Node, ...]  # what stands between a person and the role


def role_page(tenant: Tenant, shown: Role) -> dict[str, Any]:
    """Return the context of the page."""
    node = role(shown.name)
    whole = access_of(tenant.realm, people=()).graph
    structure = _own_part(tenant, whole)
    drawn = drawn_of(structure, node)
    above = {upper for one in drawn for upper in whole.upstream_of(one)}
    access = access_of(tenant.realm, people=people_linked(tenant.realm, above))
    counts = {one: len(access.graph.holders_of(one)) for one in drawn}
    found = ways_to(access.graph, node)
    ways = _told(tenant, found)
    names = [one.name for one in drawn]
    ids = dict(Role.objects.of(tenant).filter(name__in=names).values_list("name", "pk"))
    return {
        "access": access,
        "status": with_status(tenant, [shown])[0].status,
        "picture": picture_of(structure, node, ids=ids, holders=counts),
        "branches": branches_of(structure, node, ids=ids, holders=counts),
        "below_count": sum(one.kind is NodeKind.ROLE for one in structure.downstream_of(node)) - 1,
        "holder_count": len(found),
        "ways": ways,
        "bars": _bars(ways),
        "opens": opens_of(tenant, node),
        **_links(tenant, shown),
    }


def _own_part(tenant: Tenant, graph: Graph) -> Graph:
    """Return the graph without what other tenants of a shared realm hold."""
    if not tenant.is_share:
        return graph
    return Graph(
        edge for edge in graph.edges if _is_own(tenant, edge.source) and _is_own(tenant, edge.target)
    )


def _is_own(tenant: Tenant, node: Node) -> bool:
    if not tenant.is_share:
        return True
    if node.kind is NodeKind.ROLE:
        return node.name.startswith(tenant.role_prefix)
    return node.name == tenant.group_name or node.name.startswith(f"{tenant.group_name}/")


def _links(tenant: Tenant, shown: Role) -> dict[str, Any]:
    """Return the links of the role that a form of this tenant can take back, also those that begin later."""
    roles, groups, people = Role.objects.of(tenant), Group.objects.of(tenant), Person.objects.of(tenant)
    direct = shown.person_links(manager="every").filter(NOT_ENDED, person__in=people)
    through = shown.group_links(manager="every").filter(NOT_ENDED, group__in=groups)
    return {
        "includes": list(
            shown.includes.filter(child__in=roles).select_related("child").order_by("child__name")
        ),
        "included_in": list(
            shown.included_in.filter(parent__in=roles).select_related("parent").order_by("parent__name")
        ),
        "groups": list(through.select_related("group").order_by("group__path")),
        "direct": list(direct.select_related("person").order_by("person__username")[:DIRECT]),
        "direct_count": direct.count(),
    }


def ways_to(graph: Graph, right: Node) -> dict[str, Way]:
    """Return the shortest way of everybody who reaches a right, by user name.

    One walk from the right upwards, then one step a person: a role may have many thousand holders.
    Of ways of one length it is the first in the order of edges, as everywhere.
    """
    distances = {right: 0}
    waiting = deque([right])
    while waiting:
        node = waiting.popleft()
        for edge in graph.entering.get(node, ()):
            if edge.source not in distances:
                distances[edge.source] = distances[node] + 1
                waiting.append(edge.source)
    known: dict[Node, Way] = {right: ()}
    people = sorted(node for node in distances if node.kind is NodeKind.PERSON)
    return {one.name: _way(graph, one, distances, known) for one in people}


def _way(graph: Graph, node: Node, distances: Mapping[Node, int], known: dict[Node, Way]) -> Way:
    """Return what stands between a node and the right, filling `known` on the way."""
    best: Edge = min(
        (edge for edge in graph.leaving[node] if edge.target in distances),
        key=lambda edge: (distances[edge.target], edge),
    )
    target = best.target
    if target not in known:
        known[target] = (target, *_way(graph, target, distances, known))
    return known[target]


def _told(tenant: Tenant, found: Mapping[str, Way]) -> list[dict[str, Any]]:
    """Return each way once, with how many come by it and a few of their names, most first."""
    counted: Counter[Way] = Counter()
    examples: dict[Way, list[str]] = {}
    for username, way in found.items():
        masked = way if all(_is_own(tenant, node) for node in way) else (Node(NodeKind.GROUP, FOREIGN),)
        counted[masked] += 1
        examples.setdefault(masked, []).append(username)
    shown = {way: usernames[:NAMES_SHOWN] for way, usernames in examples.items()}
    names = names_of(tenant, [one for several in shown.values() for one in several])
    return [
        {
            "steps": ends_of([short_words(step) for step in way]),
            "whole": " › ".join(whole_words(step) for step in way),
            "by": way[0].kind.value if way else "direct",
            "count": number,
            "names": ", ".join(names[one] for one in shown[way] if one in names),
            "more": number - sum(one in names for one in shown[way]),
        }
        for way, number in counted.most_common()
    ]


def names_of(tenant: Tenant, usernames: Iterable[str]) -> dict[str, str]:
    """Return what people are called, by user name.

    Who is in Keycloak only goes by the user name; of a share, people of other tenants are missing.
    """
    asked = list(usernames)
    told = {} if tenant.is_share else {username: username for username in asked}
    rows = Person.objects.of(tenant).filter(username__in=asked)
    return told | {row.username: str(row) for row in rows}


def _bars(ways: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the parts of the bar: how many by which kind of way, and where in the picture each stands."""
    counts = {kind: sum(way["count"] for way in ways if way["by"] == kind) for kind in BAR_WORDS}
    total = sum(counts.values())
    parts, start = [], 0
    for kind, number in counts.items():
        if number:
            width = round(BAR * number / total)
            parts.append(
                {"kind": kind, "count": number, "words": BAR_WORDS[kind], "x": start, "width": width}
            )
            start += width
    return parts
