"""Which kinds have a list of their own, and which stand on the page of the thing that they belong to."""

from dataclasses import dataclass

from console.engine.kinds import ENDS, KINDS
from console.engine.state import Address, Kind
from tenants.validity import DECLARABLE


@dataclass(frozen=True, slots=True)
class Section:
    """One list under "Configuration"."""

    kind: Kind
    label: str
    icon: str
    about: str

    @property
    def key(self) -> str:
        return self.kind.value


SECTIONS = (
    Section(
        Kind.CLIENT, "Clients", "plug", "Applications that let people sign in, and services that call others."
    ),
    Section(Kind.CLIENT_SCOPE, "Client scopes", "filter", "What clients may ask for, and what tokens hold."),
    Section(
        Kind.IDENTITY_PROVIDER, "Identity providers", "login", "Where people can sign in instead of here."
    ),
    Section(Kind.DIRECTORY, "Directories", "database", "LDAP servers whose people this realm knows."),
    Section(
        Kind.ORGANIZATION, "Organizations", "building-community", "Companies whose people share this realm."
    ),
    Section(
        Kind.REQUIRED_ACTION, "Required actions", "list-check", "What people are asked to do at a sign-in."
    ),
    Section(
        Kind.PROFILE_ATTRIBUTE,
        "User profile",
        "id-badge-2",
        "Attributes of people, and who sees them.",
    ),
    Section(
        Kind.DEFAULT_GROUP, "Default groups", "users-group", "Groups that everybody who is new is put into."
    ),
    Section(
        Kind.REALM,
        "Realm settings",
        "adjustments-horizontal",
        "Sessions, sign-in, mail, events and looks.",
    ),
)
BY_KIND = {section.kind: section for section in SECTIONS}
SINGLES = frozenset({Kind.REALM, Kind.USER_PROFILE})  # kinds of which a realm has one
PLURALS = {kind: spec.plural[0].upper() + spec.plural[1:] for kind, spec in KINDS.items()}


def inside_of(kind: Kind) -> tuple[Kind, ...]:
    """Return the kinds that stand on the page of a thing of this kind: inside it, or linked to it."""
    found = [one for one in KINDS if one in DECLARABLE and any(end is kind for _, _, end in ENDS[one])]
    return tuple(sorted(found, key=lambda one: (KINDS[one].is_link, KINDS[one].rank, one.value)))


def section_of(address: Address) -> Section:
    """Return the list that a thing belongs to: its own, or that of what it stands in."""
    kind = address.kind
    while kind not in BY_KIND:
        named = [end for _, _, end in ENDS[kind] if end is not None]
        if kind is Kind.USER_PROFILE or not named:
            return BY_KIND[Kind.PROFILE_ATTRIBUTE]
        kind = next((one for one in named if one in BY_KIND or ENDS[one]), Kind.CLIENT)
    return BY_KIND[kind]
