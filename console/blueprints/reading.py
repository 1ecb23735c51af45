"""YAML read safely: plain values only, no key twice, no aliases that explode, and the line of everything."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from console.blueprints.model import Fault, Invalid, Path

LARGEST = 1_000_000  # bytes
DEEPEST = 40
MOST_NODES = 40_000  # counted as often as an alias repeats them
MOST_ALIASES = 200
_PLAIN_TAGS = {
    "tag:yaml.org,2002:str",
    "tag:yaml.org,2002:int",
    "tag:yaml.org,2002:bool",
    "tag:yaml.org,2002:null",
    "tag:yaml.org,2002:map",
    "tag:yaml.org,2002:seq",
}


class _Loader(yaml.CSafeLoader):
    """Knows texts, whole numbers, true, false and nothing: no dates, no `on`, no numbers to the base 60."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


def _resolve(tag: str, pattern: str, first: str) -> None:
    for sign in first:
        _Loader.yaml_implicit_resolvers.setdefault(sign, []).append((tag, re.compile(pattern)))


_resolve("tag:yaml.org,2002:bool", r"^(?:true|false)$", "tf")
_resolve("tag:yaml.org,2002:int", r"^(?:0|-?[1-9][0-9]{0,17})$", "-0123456789")
_Loader.yaml_implicit_resolvers.setdefault("", []).append(("tag:yaml.org,2002:null", re.compile("^$")))
_Loader.yaml_implicit_resolvers.setdefault("~", []).append(("tag:yaml.org,2002:null", re.compile("^~$")))
_Loader.yaml_implicit_resolvers.setdefault("n", []).append(("tag:yaml.org,2002:null", re.compile("^null$")))


@dataclass
class Document:
    """What a text says, and where: `lines` has line and column of each value and of each key, by its path."""

    data: Any
    lines: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def fault(self, path: Path, reason: str) -> Fault:
        """Return a fault at a place, or at the nearest one around it that the text has."""
        near = path
        while near and near not in self.lines:
            near = near[:-1]
        line, column = self.lines.get(near, (1, 1))
        return Fault(line, column, written(path), reason)


def written(path: Path) -> str:
    """Return a path as people read it, e.g. `clients[0].redirect_uris[1]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def read(text: str) -> Document:
    """Return what a text says. Raises Invalid, and nothing else whatever the text is."""
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST:
        raise Invalid((Fault(1, 1, "", "This is larger than 1 MB."),))
    try:
        _refuse_depth(text)
        node = yaml.compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        raise Invalid((_marked(error, text),)) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise Invalid((Fault(1, 1, "", f"This is no YAML: {_words(error)}"),)) from error
    document = Document(None)
    faults: list[Fault] = []
    document.data = _Builder(document, faults).build(node)
    if faults:
        raise Invalid(tuple(faults))
    return document


class _TooMuch(ValueError):
    """The text says more than a blueprint may."""


def _refuse_depth(text: str) -> None:
    """Raise Invalid for a text that nests deeper, or repeats more by aliases, than anything meant does."""
    depth = aliases = 0
    for event in yaml.parse(text, _Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
        if depth > DEEPEST:
            raise Invalid((_at(event, f"This is nested more than {DEEPEST} deep."),))
        if aliases > MOST_ALIASES:
            raise Invalid((_at(event, f"There are more than {MOST_ALIASES} aliases."),))


def _at(event: Any, reason: str) -> Fault:
    return Fault(event.start_mark.line + 1, event.start_mark.column + 1, "", reason)


def _marked(error: yaml.MarkedYAMLError, text: str) -> Fault:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if any("\t" in one[:column] for one in text.split("\n")[line - 1 : line]):
        return Fault(line, column, "", "A tab cannot indent here: use spaces.")
    return Fault(line, column, "", f"This is no YAML: {error.problem or error.context}.")


def _words(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else "it cannot be read."


class _Builder:
    """Turns nodes into plain values. One fault ends the part that it is in, and no other."""

    def __init__(self, document: Document, faults: list[Fault]) -> None:
        self.document = document
        self.faults = faults
        self.nodes = 0
        self.open: set[int] = set()

    def build(self, node: Any) -> Any:
        if node is None:
            self.faults.append(Fault(1, 1, "", "There is nothing in this text."))
            return None
        try:
            return self._value(node, ())
        except _TooMuch as error:
            self.faults.append(_at(node, str(error)))
            return None

    def _value(self, node: Any, path: Path) -> Any:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise _TooMuch(f"This says more than {MOST_NODES} things, aliases repeated.")
        self.document.lines[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if node.tag not in _PLAIN_TAGS:
            return self._wrong(node, path, f"The tag {node.tag} is not allowed: only plain values are.")
        if id(node) in self.open:
            return self._wrong(node, path, "An alias holds itself.")
        self.open.add(id(node))
        value = self._plain(node, path)
        self.open.discard(id(node))
        return value

    def _plain(self, node: Any, path: Path) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(one, (*path, place)) for place, one in enumerate(node.value)]
        return self._scalar(node, path)

    def _scalar(self, node: Any, path: Path) -> Any:
        match node.tag.rpartition(":")[2]:
            case "int":
                return int(node.value) if re.fullmatch(r"-?[0-9]{1,18}", node.value) else node.value
            case "bool":
                return node.value == "true"
            case "null":
                return None
        return node.value

    def _mapping(self, node: Any, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or not key.tag.endswith(":str"):
                self._wrong(key, path, "A key must be a text.")
            elif key.value in found:
                self._wrong(key, (*path, key.value), f"The key “{key.value}” stands twice.")
            else:
                found[key.value] = self._value(value, (*path, key.value))
                # The line of the key: what is wrong with an entry is looked for where its name stands.
                self.document.lines[(*path, key.value)] = (key.start_mark.line + 1, key.start_mark.column + 1)
        return found

    def _wrong(self, node: Any, path: Path, reason: str) -> None:
        mark = node.start_mark
        self.faults.append(Fault(mark.line + 1, mark.column + 1, written(path), reason))


def every_text(data: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Yield each text in plain data with its path; keys are not among them."""
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from every_text(value, (*path, key))
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from every_text(value, (*path, place))
