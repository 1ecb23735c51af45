"""The rules of the guard that need the graph: who is the last administrator, and who becomes one unseen."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from console.engine.kinds import described, ends
from console.engine.operation import Action, Operation
from console.engine.state import Address, Kind
from console.engine.stops import Rule, Stop
from console.graph.edges import WHY_INERT, Node, NodeKind, ends_of, group, node_of, role
from console.graph.standing import HOLDERS, Standing

NAMED = 3
REALM_MANAGEMENT = "realm-management"
_CARRIED = frozenset(
    {
        Kind.ALLOWED_ROLE,
        Kind.ALLOWED_CLIENT_ROLE,
        Kind.SCOPE_ROLE,
        Kind.SCOPE_CLIENT_ROLE,
        Kind.DEFAULT_GROUP,
    }
)
_MAPPERS = frozenset({Kind.MAPPER, Kind.CLIENT_MAPPER, Kind.IDENTITY_PROVIDER_MAPPER, Kind.DIRECTORY_MAPPER})
# What may be asked about, and changes nothing: who only may list things is no administrator.
_HARMLESS = frozenset({"query-clients", "query-groups", "query-realms", "query-users"})


@dataclass(frozen=True, kw_only=True)
class Lapse:
    """The operation after which nobody is left, and whether that is so at the end, too."""

    operation: Operation
    is_lasting: bool


def is_admin_right(node: Node) -> bool:
    """Tell whether Keycloak lets a holder administer the realm.

    https://www.keycloak.org/docs/latest/server_admin/#_per_realm_admin_permissions
    """
    client, _, name = node.name.rpartition("/")
    return node.kind is NodeKind.CLIENT_ROLE and client == REALM_MANAGEMENT and name not in _HARMLESS


def right_named(text: str) -> Node:
    """Return what a setting names: `client/role`, a realm role, or `/a/group`."""
    if text.startswith("/"):
        return group(text.removeprefix("/"))
    return Node(NodeKind.CLIENT_ROLE, text) if "/" in text else role(text)


def lapse_of(
    standing: Standing,
    operations: Sequence[Operation],
    *,
    wanted: Iterable[Node],
    whom: Node | None = None,
) -> Lapse | None:
    """Return where nobody reaches what is wanted any more, though somebody did: on the way or at the end.

    Only people count, or with `whom` only this one, under whatever name.
    """
    rights, moving = frozenset(wanted), standing.copy()
    if not _left(moving, rights, whom):
        return None
    first = None
    for operation in operations:
        moving.move(operation)
        whom = _renamed(whom, operation) if whom else None
        if first is None and operation.action not in (Action.CREATE, Action.ADOPT):
            first = None if _left(moving, rights, whom) else operation
    if first is None:
        return None
    return Lapse(operation=first, is_lasting=not _left(moving, rights, whom))


def grounds_of_trust(
    standing: Standing, operations: Sequence[Operation], *, wanted: Iterable[Node]
) -> frozenset[Address]:
    """Return the links and people on whom it rests that somebody is left; none if nobody loses anything.

    Who is left was read some time ago: these must be read anew before that is believed.
    """
    rights, moving = frozenset(wanted), standing.copy()
    states = [_people(moving, rights)]
    for operation in operations:
        moving.move(operation)
        if operation.action not in (Action.CREATE, Action.ADOPT):
            states.append(_people(moving, rights))
    if all(states[0] <= state for state in states):
        return frozenset()
    throughout = frozenset.intersection(*states)
    witnesses = sorted(throughout)[:1] or sorted(frozenset.union(*states) & states[0])
    return frozenset(one for witness in witnesses for one in standing.trail(witness, rights))


def last_administrator(lapse: Lapse, *, realm: str, noun: str = "administrator", remedy: str = "") -> Stop:
    """Return the stop for a realm in which nobody is an administrator any more."""
    if lapse.is_lasting:
        sentence = f"Nobody is an {noun} of {realm} any more."
        consequence = (
            f"The last one goes with this: {_told(lapse.operation)}. "
            f"{remedy or 'Only the console itself could put that right.'}"
        )
    else:
        sentence = f"For a moment nobody is an {noun} of {realm}."
        consequence = (
            f"The order takes away before it gives: {_told(lapse.operation)} comes before another one is "
            "made. A run that ends in between leaves it so. Give first, then take in a second change."
        )
    return Stop(
        rule=Rule.LAST_ADMINISTRATOR,
        address=lapse.operation.final,
        sentence=sentence,
        consequence=consequence,
        about=noun,
        # Who confirmed that nobody is left at the end confirmed that nobody is on the way.
        subjects=frozenset({"between", "end"} if lapse.is_lasting else {"between"}),
        name=realm,
    )


def admin_rights(standing: Standing, operations: Sequence[Operation], *, also: Iterable[Node]) -> list[Stop]:
    """Return who becomes an administrator by a plan, and which links hand an administrator's right on.

    Judged on everything that is reached before and after, whatever the way. `also` are what the settings
    name besides Keycloak's own administrator roles.
    """
    after = standing.copy()
    names: dict[Node, Node] = {}
    for operation in operations:
        after.move(operation)
        if operation.action is Action.RENAME:
            names = {_renamed(node, operation): first for node, first in _and_new(names, operation)}
    rights = _rights(standing, after, operations, frozenset(also))
    gained = {right: _gainers(standing, after, right, names) for right in rights}
    found = [_gain(after, right, holders) for right, holders in sorted(gained.items()) if holders]
    everybody = {holder for holders in gained.values() for holder in holders}
    return [*_without_lesser(found), *_handed(after, operations, frozenset(rights), everybody)]


def _left(standing: Standing, rights: frozenset[Node], whom: Node | None) -> bool:
    people = _people(standing, rights)
    return whom in people if whom is not None else bool(people)


def _people(standing: Standing, rights: frozenset[Node]) -> frozenset[Node]:
    return frozenset(one for one in standing.holders_of(rights) if one.kind is NodeKind.PERSON)


def _renamed(node: Node, operation: Operation) -> Node:
    was = node_of(operation.was) if operation.was else None
    now = node_of(operation.address)
    return now if now is not None and was == node else node


def _and_new(names: dict[Node, Node], operation: Operation) -> list[tuple[Node, Node]]:
    """Return the names so far, and the one that this rename is about."""
    was = node_of(operation.was) if operation.was else None
    known = list(names.items())
    return known if was is None or was in names else [*known, (was, was)]


def _rights(
    before: Standing, after: Standing, operations: Sequence[Operation], also: frozenset[Node]
) -> frozenset[Node]:
    """Return the administrators' rights that anything leads to."""
    links = before.links | after.links | {one.address for one in operations}
    ends_ = {node for link in links for _, end in ends(link) if (node := node_of(end))}
    handed = {node for one in operations if (node := _carried(one))}
    return frozenset(node for node in ends_ | handed if is_admin_right(node)) | also


def _gainers(before: Standing, after: Standing, right: Node, names: dict[Node, Node]) -> tuple[Node, ...]:
    had = before.holders_of([right])
    return tuple(sorted(one for one in after.holders_of([right]) if names.get(one, one) not in had))


def _gain(after: Standing, right: Node, holders: tuple[Node, ...]) -> Stop:
    way = after.way(holders[0], frozenset({right}))
    verb = "gets" if len(holders) == 1 else "get"
    through = f" Way: {' › '.join(_word(node) for node in way)}." if len(way) > 2 else ""
    return Stop(
        rule=Rule.ADMIN_RIGHT,
        address=_address_of(holders[0]),
        sentence=f"{_listed(holders)} {verb} {_word(right)}.",
        consequence=f"{_power(right)}{through}",
        about=str(right),
        subjects=frozenset(str(one) for one in holders),
    )


def _without_lesser(gains: list[Stop]) -> list[Stop]:
    """Who gets realm-admin gets all others with it: they are told once, by the strongest."""
    strongest = next((one for one in gains if one.about.endswith(f"{REALM_MANAGEMENT}/realm-admin")), None)
    if strongest is None:
        return gains
    return [one for one in gains if one is strongest or not one.subjects <= strongest.subjects]


def _handed(
    after: Standing, operations: Sequence[Operation], rights: frozenset[Node], told: set[Node]
) -> Iterator[Stop]:
    """Yield a stop for each link and mapper that hands on an administrator's right."""
    for operation in operations:
        given = _carried(operation)
        way = after.way(given, rights) if given else ()
        found = ends_of(operation.address)
        source = found[0] if found else None
        if not way or source in told or (source and source.kind in HOLDERS and len(way) > 1):
            continue
        yield Stop(
            rule=Rule.ADMIN_RIGHT,
            address=operation.final,
            sentence=f"{_sentence(described(operation.address))} leads to {_word(way[-1])}.",
            consequence=(
                f"{_power(way[-1])} {_whom(operation)}"
                + (f" Way: {' › '.join(_word(node) for node in way)}." if len(way) > 1 else "")
            ),
            about=operation.final.key,
        )


def _carried(operation: Operation) -> Node | None:
    """Return what an operation hands on, if it hands anything on."""
    address = operation.address
    if address.kind in _MAPPERS and operation.action in (Action.CREATE, Action.UPDATE):
        return _mapped((operation.after or {}).get("config"))
    if operation.action is not Action.CREATE:
        return None
    if address.kind in _CARRIED:
        return node_of(ends(address)[-1][1])
    found = ends_of(address)
    return found[1] if found else None


def _mapped(config: object) -> Node | None:
    """Return the role or group that a mapper gives. Keycloak writes a client's role as `client.role`."""
    if not isinstance(config, dict):
        return None
    if path := str(config.get("group") or "").strip("/"):
        return group(path)
    name = str(config.get("role") or "")
    client, dot, inner = name.rpartition(".")
    if dot:
        return Node(NodeKind.CLIENT_ROLE, f"{client}/{inner}")
    return role(name) if name else None


def _whom(operation: Operation) -> str:
    match operation.address.kind:
        case Kind.IDENTITY_PROVIDER_MAPPER:
            return "Whoever signs in through this identity provider gets it, so its owner decides who."
        case Kind.DIRECTORY_MAPPER:
            return "People of this directory get it, so its owner decides who."
        case Kind.DEFAULT_GROUP:
            return "Everybody who is new gets it."
        case Kind.MAPPER | Kind.CLIENT_MAPPER:
            return "It stands in tokens, whoever signs in."
        case Kind.ALLOWED_ROLE | Kind.ALLOWED_CLIENT_ROLE | Kind.SCOPE_ROLE | Kind.SCOPE_CLIENT_ROLE:
            return "Tokens of the client may carry it, so the client can act with it."
        case Kind.ORGANIZATION_GROUP_ROLE | Kind.ORGANIZATION_GROUP_CLIENT_ROLE:
            return f"{WHY_INERT} A later version may give it to all members."
    return "Whoever has the one gets the other, now and later."


def _power(right: Node) -> str:
    if right.name == f"{REALM_MANAGEMENT}/realm-admin":
        return "With it one can do everything in the realm, and give it to others."
    if is_admin_right(right):
        return "With it one can change the realm past this console."
    return "The settings name it as an administrator's right."


def _word(node: Node) -> str:
    client, _, name = node.name.rpartition("/")
    match node.kind:
        case NodeKind.CLIENT_ROLE:
            return f"{name} of {client}"
        case NodeKind.PERSON:
            return node.name
        case NodeKind.SERVICE_ACCOUNT:
            return f"the service account of {node.name}"
        case NodeKind.ORGANIZATION_GROUP:
            return f"group {node.name.replace('//', ' › ')}"
    return f"{node.kind.value} {node.name}"


def _listed(nodes: Sequence[Node]) -> str:
    words = [_word(node) for node in nodes[:NAMED]]
    if len(nodes) > NAMED:
        words.append(f"{len(nodes) - NAMED} more")
    told = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    return _sentence(told) if nodes[0].kind is not NodeKind.PERSON else told


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _told(operation: Operation) -> str:
    verbs = {Action.DELETE: "the end of", Action.UPDATE: "the change of", Action.RENAME: "the new place of"}
    return f"{verbs.get(operation.action, '')} {described(operation.address)}".strip()


def _address_of(node: Node) -> Address:
    kinds = {NodeKind.PERSON: Kind.PERSON, NodeKind.SERVICE_ACCOUNT: Kind.CLIENT}
    return Address(kinds[node.kind], (node.name,))
