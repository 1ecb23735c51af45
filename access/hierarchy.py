"""The picture of a role's place among roles: boxes and arrows with their places, and the same as a list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from console.graph.closure import Graph
from console.graph.edges import EdgeKind, Node, NodeKind

BOX_WIDTH, BOX_HEIGHT = 158, 46
COLUMN_STEP, ROW_STEP = 199, 60
TOP, LEFT, BOTTOM = 34, 16, 14
MOST_IN_COLUMN = 5
MOST_COLUMNS = 3
HEADS = ("Includes", "Through those", "")


@dataclass(frozen=True, slots=True)
class Box:
    """One role in the picture. Without a node it stands for `count` more roles."""

    name: str
    count: int
    x: int
    y: int
    node: Node | None = None
    is_this: bool = False
    pk: int | None = None


@dataclass(frozen=True, slots=True)
class Arrow:
    """A composite: a curve from the including role to the included one."""

    curve: str


@dataclass(frozen=True, slots=True)
class Head:
    """The words above a column."""

    words: str
    x: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Sizes are in pixels."""

    width: int
    height: int
    heads: tuple[Head, ...]
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of the list. `is_again`: it stands with all it includes further above."""

    name: str
    depth: int
    count: int
    is_again: bool
    pk: int | None


def picture_of(graph: Graph, this: Node, *, ids: Mapping[str, int], holders: Mapping[Node, int]) -> Picture:
    """Return the picture of a role between the roles that include it and those it includes."""
    columns = _columns(graph, this)
    tallest = max(min(len(column), MOST_IN_COLUMN + 1) for column in columns)
    height = TOP + BOTTOM + tallest * ROW_STEP
    boxes: list[Box] = []
    for index, column in enumerate(columns):
        boxes.extend(_boxes(column, index, height, this, ids, holders))
    words = ("Included in", "This role", *HEADS)
    return Picture(
        width=2 * LEFT + (len(columns) - 1) * COLUMN_STEP + BOX_WIDTH,
        height=height,
        heads=tuple(
            Head(words[index], LEFT + index * COLUMN_STEP) for index, column in enumerate(columns) if column
        ),
        boxes=tuple(boxes),
        arrows=tuple(_arrows(graph, boxes)),
    )


def drawn_of(graph: Graph, this: Node) -> frozenset[Node]:
    """Return the roles in the picture and in the list."""
    below = {node for node in graph.downstream_of(this) if node.kind is NodeKind.ROLE}
    return frozenset(below | set(_including(graph, this)))


def _including(graph: Graph, this: Node) -> list[Node]:
    return sorted(edge.source for edge in graph.entering.get(this, ()) if edge.kind is EdgeKind.COMPOSITE)


def _included(graph: Graph, node: Node) -> list[Node]:
    return sorted(edge.target for edge in graph.leaving.get(node, ()) if edge.kind is EdgeKind.COMPOSITE)


def _columns(graph: Graph, this: Node) -> list[list[Node]]:
    """Return the columns from left to right. A role stands as far right as its longest way needs."""
    depths: dict[Node, int] = {}
    waiting = [(this, 0)]
    while waiting:
        node, depth = waiting.pop()
        # No way through n roles is longer than n: a circle in Keycloak ends here.
        if depth > depths.get(node, -1) and depth <= MOST_COLUMNS:
            depths[node] = depth
            waiting.extend((child, depth + 1) for child in _included(graph, node) if child != this)
    deepest = max(depths.values())
    right = [sorted(node for node, depth in depths.items() if depth == at) for at in range(1, deepest + 1)]
    return [_including(graph, this), [this], *right]


def _boxes(
    column: Sequence[Node],
    index: int,
    height: int,
    this: Node,
    ids: Mapping[str, int],
    holders: Mapping[Node, int],
) -> list[Box]:
    shown = column if len(column) <= MOST_IN_COLUMN + 1 else column[:MOST_IN_COLUMN]
    rows = len(shown) + (len(shown) < len(column))
    x = LEFT + index * COLUMN_STEP
    first = TOP + (height - TOP - BOTTOM - rows * ROW_STEP) // 2 + (ROW_STEP - BOX_HEIGHT) // 2
    boxes = [
        Box(
            name=node.name,
            count=holders.get(node, 0),
            x=x,
            y=first + row * ROW_STEP,
            node=node,
            is_this=node == this,
            pk=ids.get(node.name),
        )
        for row, node in enumerate(shown)
    ]
    if len(shown) < len(column):
        boxes.append(Box(name="", count=len(column) - len(shown), x=x, y=first + len(shown) * ROW_STEP))
    return boxes


def _arrows(graph: Graph, boxes: Sequence[Box]) -> list[Arrow]:
    places = {box.node: box for box in boxes if box.node is not None}
    return [
        Arrow(_curve(places[node], places[child]))
        for node in places
        for child in _included(graph, node)
        if child in places and places[child].x > places[node].x
    ]


def _curve(start: Box, end: Box) -> str:
    """Return a path from the right side of one box to the left side of another."""
    x, y = start.x + BOX_WIDTH, start.y + BOX_HEIGHT // 2
    to_x, to_y = end.x - 6, end.y + BOX_HEIGHT // 2
    middle = x + 20
    if to_x - x > COLUMN_STEP:  # past a column: level first, so that it runs between the boxes
        middle = to_x - 20
    return f"M{x} {y} C{middle} {y} {middle} {to_y} {to_x} {to_y}"


def branches_of(
    graph: Graph, this: Node, *, ids: Mapping[str, int], holders: Mapping[Node, int]
) -> list[Branch]:
    """Return the roles that come with this one, indented; a role met twice is followed once."""
    rows: list[Branch] = []
    seen: set[Node] = set()
    waiting = [(this, 0)]
    while waiting:
        node, depth = waiting.pop()
        is_again = node in seen
        rows.append(Branch(node.name, depth, holders.get(node, 0), is_again, ids.get(node.name)))
        if not is_again:
            seen.add(node)
            waiting.extend((child, depth + 1) for child in reversed(_included(graph, node)))
    return rows
