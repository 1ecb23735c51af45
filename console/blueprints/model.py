"""What a blueprint is once it is read, and what it becomes with its parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from console.engine.state import Address, Kind, State
from console.graph.catalogue import Catalogue, Note

Value = str | int | bool | tuple[str, ...]
Values = Mapping[str, Value]
Path = tuple[str | int, ...]  # where something stands in a blueprint: keys and places in lists


def frozen(value: Any) -> Any:
    """Return a list as the tuple that `Value` knows, and all else as it is."""
    return tuple(value) if isinstance(value, list) else value


def plain(value: Any) -> Any:
    """Return a tuple as the list that plain data have, and all else as it is."""
    return list(value) if isinstance(value, tuple) else value


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something that a blueprint must not say. Line and column count from 1; `where`: `clients[0].id`."""

    line: int
    column: int
    where: str
    reason: str

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"Line {self.line}: {place}{self.reason}"


class Invalid(ValueError):
    """A text is no blueprint. `faults` are all that was found, in the order of the lines."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class WrongParameters(ValueError):
    """Values that the parameters do not take. `errors` has a sentence for each parameter, by name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(f"{name}: {sentence}" for name, sentence in errors.items()))
        self.errors = errors


class ParameterType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    YES_NO = "yes-no"
    CHOICE = "choice"
    TEXTS = "texts"  # a list of texts
    SECRET = "secret"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value of a choice. `critical` is the sentence about what is dangerous in it."""

    value: str
    label: str
    help: str = ""
    critical: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What is asked of whoever makes a tenant. `example` stands in for a value that is required.

    An `advanced` one may be folded away. A `fixed` one cannot be changed once the tenant is there. `note` is
    the key of the doubtful reading that it settles. With `when` it is asked only where that holds.
    """

    name: str
    label: str
    type: ParameterType = ParameterType.TEXT
    help: str = ""
    default: Value = ""
    required: bool = False
    example: Value | None = None
    pattern: str = ""
    pattern_says: str = ""
    choices: tuple[Choice, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    unit: str = ""
    group: str = ""
    advanced: bool = False
    fixed: bool = False
    note: str = ""
    when: str = ""

    @property
    def is_secret(self) -> bool:
        return self.type is ParameterType.SECRET


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """A platform as data, checked. `body` is the rest of the text, with placeholders in it."""

    key: str
    version: str
    name: str
    summary: str
    icon: str = ""
    sources: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    notes: tuple[Note, ...] = ()
    happens: tuple[str, ...] = ()
    body: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    text: str = field(default="", repr=False)
    digest: str = ""

    def parameter(self, name: str) -> Parameter | None:
        return next((one for one in self.parameters if one.name == name), None)


# --- what a blueprint becomes ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetResource:
    """A resource that stands from the start, e.g. the package `demo`."""

    type: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetEntitlement:
    """A named entitlement that stands from the start, e.g. `demo-ro`. `resource` `*` is each of the type."""

    name: str
    type: str
    resource: str
    level: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSecret:
    """Where the secret of a client is used: the variable that holds it, and what reads it when it starts.

    `is_stated` is False where no document says that these containers are to be started anew.
    """

    client: str
    variable: str = ""
    containers: tuple[str, ...] = ()
    is_stated: bool = True
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientManifest:
    """The Kubernetes Secret for a client. Without `holds_secret` it has metadata of the registration only."""

    client: str
    name: str
    namespace: str
    holds_secret: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """The file that holds the variables, and how the documents start anew what reads it."""

    file: str = ""
    folder: str = ""
    command: str = ""
    containers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptElsewhere:
    """A secret that this console never stores or shows: where it is kept is all that is said."""

    name: str
    where: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Critical:
    """A chosen value of a parameter that is dangerous, and the sentence that says why."""

    parameter: str
    label: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A line of the summary: `gloss` names some, `number` counts all. Without a kind: of what rights open."""

    label: str
    number: int
    gloss: str = ""
    kind: Kind | None = None


@dataclass(frozen=True, kw_only=True)
class Expansion:
    """What a blueprint says with these parameters.

    `state` has all that is declared in the realm, the realm's settings at the address of kind REALM among
    them; any kind of the registry may stand there. `parameters` are the values that were checked, with
    defaults, and without secrets: they can be kept, and given to `expand` again. `secrets` are, by address,
    what shall be sealed and written, and never be kept as it is. `reasons` say why a client has open
    addresses.
    """

    blueprint: str
    version: str
    realm_name: str
    state: State
    catalogue: Catalogue
    parameters: Mapping[str, Any]
    secrets: Mapping[Address, Mapping[str, str]] = field(default_factory=dict, repr=False)
    resources: tuple[PresetResource, ...] = ()
    entitlements: tuple[PresetEntitlement, ...] = ()
    client_secrets: tuple[ClientSecret, ...] = ()
    manifests: tuple[ClientManifest, ...] = ()
    restart: Restart | None = None
    kept_elsewhere: tuple[KeptElsewhere, ...] = ()
    protected_roles: tuple[str, ...] = ()
    reasons: Mapping[Address, Note] = field(default_factory=dict)
    criticals: tuple[Critical, ...] = ()
    counts: tuple[Count, ...] = ()
    happens: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[Note, ...]:
        return self.catalogue.notes

    @property
    def total(self) -> int:
        """Return how many things are made in Keycloak, the realm among them."""
        return len(self.state)
