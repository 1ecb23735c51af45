"""The kept closures as rows: what each group, role and account effectively has, for whoever has no graph yet.

They carry the stamp at which they were made, and are read together with it in one statement: rows of another
stamp are not seen.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from hashlib import md5

from django.db import connection, transaction

from access.kept.structure import Structure
from access.models import KeptClosure, KeptStamp, Moved
from console.graph.closure import Graph
from console.graph.edges import Node, NodeKind
from console.portions import portions
from console.prepared import rows_of
from console.sync.rows import put

CHUNK = 2000
MOST_MOVED = 20  # rows of `Moved` that are kept for one realm before they become one
_LOCK = 0x6A7E  # of the advisory locks for saving closures; the second number is the scope

READ = """
SELECT closure.node, closure.rights FROM access_kept_stamp kept
LEFT JOIN access_kept_closure closure
    ON closure.scope_id = kept.scope_id AND closure.node = ANY(%(nodes)s::text[])
WHERE kept.scope_id = %(scope)s::bigint AND kept.stamp = %(stamp)s::text
"""


def kept_texts(scope: int, stamp: str, nodes: Collection[str]) -> dict[str, list[str]] | None:
    """Return what these reach, all as texts; None where no rows of this stamp are kept any more.

    What has no row reaches nothing.
    """
    rows = rows_of(READ, {"nodes": list(nodes), "scope": scope, "stamp": stamp})
    return {node: rights for node, rights in rows if node is not None} if rows else None


def save(
    scope: int,
    stamp: str,
    structure: Structure,
    *,
    now: datetime,
    before: tuple[str, Structure] | None = None,
) -> str:
    """Keep the closures of a structure, and return the stamp that holds for it now.

    Whoever else is saving goes first: nothing waits. Rows that say the same stay as they are; if the rows
    are those of the structure `before`, with its stamp, only nodes that reach something else are looked at.
    """
    with transaction.atomic():
        if not _is_first(scope):
            return stamp
        kept_at = KeptStamp.objects.filter(scope_id=scope).values_list("stamp", flat=True).first()
        if before and before[0] == kept_at:
            other = structure.settled.otherwise_than(before[1].settled)
            made = closures_of(structure.settled, other)
            known: Mapping[str, list[str]] = dict.fromkeys(map(text_of, other), [])
        else:
            made, known = closures_of(structure.settled), dict(_rows(scope))
        _put(scope, made, known)
        stamp = _joined(scope, stamp)
        kept = {"stamp": stamp, "made_at": now, "around": structure.around.as_json()}
        KeptStamp.objects.update_or_create(scope_id=scope, defaults=kept)
    return stamp


def _put(scope: int, made: Mapping[str, list[str]], known: Mapping[str, list[str]]) -> None:
    """Bring rows up to date: `known` are those there may be."""
    for some in portions(list(known.keys() - made.keys()), CHUNK):
        KeptClosure.objects.filter(scope_id=scope, node__in=some).delete()
    other = [(scope, node, rights) for node, rights in made.items() if known.get(node) != rights]
    columns = ("scope_id", "node", "rights")
    put(KeptClosure, columns, other, unique=columns[:2], update=columns[2:])


def closures_of(graph: Graph, nodes: Collection[Node] | None = None) -> dict[str, list[str]]:
    """Return, by node, the rights that it reaches, of all or of some; nothing for what reaches none."""
    sources = [one for one in graph.leaving if one.kind is not NodeKind.PERSON]
    if nodes is not None:
        sources = [one for one in nodes if one in graph.leaving]
    made = graph.listed_of_all(sources, text_of)
    return {text_of(node): rights for node, rights in made.items() if rights}


def text_of(node: Node) -> str:
    return f"{node.kind.value}:{node.name}"


def node_from(text: str) -> Node:
    kind, _, name = text.partition(":")
    return Node(_KINDS[kind], name)


_KINDS = {kind.value: kind for kind in NodeKind}


def _rows(scope: int) -> Iterable[tuple[str, list[str]]]:
    return KeptClosure.objects.filter(scope_id=scope).values_list("node", "rights")


def _is_first(scope: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [_LOCK, scope % 2**31])
        return bool(cursor.fetchone()[0])


def _joined(scope: int, stamp: str) -> str:
    """Let one row stand for the many that made a stamp, and return the new one; a few are left alone."""
    ids = sorted(map(str, Moved.objects.filter(scope=scope).values_list("id", flat=True)))
    if len(ids) <= MOST_MOVED or stamp_of(ids) != stamp:
        return stamp
    Moved.objects.filter(id__in=ids).delete()
    one = Moved.objects.create(scope=scope)
    return stamp_of([str(one.id)])


def stamp_of(ids: Collection[str]) -> str:
    """Return what the statement calculates of these rows of `Moved`; "" of none."""
    return md5(",".join(ids).encode(), usedforsecurity=False).hexdigest() if ids else ""
