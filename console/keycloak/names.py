"""Names that may be written: Keycloak takes an empty role name, and names that no call can reach again."""

from collections.abc import Iterator

from console.engine.kinds import BY_ID, TREES, described, is_protected, kinds_of_names
from console.engine.operation import Action, Operation
from console.engine.state import Address, Kind
from console.exact_url import Refused, path_of
from console.keycloak.errors import Permanent

LONGEST_NAME = 255  # characters; the width of Keycloak's columns


def refuse_unclear(operation: Operation) -> None:
    """Raise Permanent, naming the reason, unless an operation is on what is ours to write, by clear names.

    Clients and client scopes go by id in every call, so their names may hold a slash, as those of SAML
    and of RabbitMQ do.
    """
    for address in (operation.address, operation.was):
        if address is not None:
            _refuse_address(address)
    if operation.address.kind is Kind.PERSON and operation.action is not Action.DELETE:
        _refuse_capitals(operation.address.path[0])


def _refuse_address(address: Address) -> None:
    for kind, name in _names(address):
        if kind in BY_ID and name and name.isprintable():
            _refuse_long(name)
        else:
            _refuse(name)
    if is_protected(address):
        what = described(address)
        raise Permanent(f"{what[0].upper()}{what[1:]} belongs to Keycloak itself and is never written.")


def _refuse(name: str) -> None:
    _refuse_long(name)
    try:
        path_of((name,))
    except Refused as error:
        raise Permanent(error.sentence) from error


def _refuse_long(name: str) -> None:
    if len(name) > LONGEST_NAME:
        raise Permanent(f"A name is longer than {LONGEST_NAME} characters: “{name[:20]}…”.")


def _refuse_capitals(username: str) -> None:
    if username != username.lower():
        raise Permanent(f"Keycloak writes user names in small letters: “{username.lower()}”.")


def _names(address: Address) -> Iterator[tuple[Kind | None, str]]:
    """Yield each name in an address with what it names: a group's path is several, an entitlement is none."""
    if address.kind is Kind.ENTITLEMENT:
        carrier, owner, _ = address.path
        names = owner.split("/") if carrier == Kind.GROUP else (owner,)
        yield from ((Kind.CLIENT if carrier == Kind.CLIENT else None, one) for one in names)
        return
    kinds = kinds_of_names(address)
    for place, part in enumerate(address.path):
        kind = kinds.get(place)
        yield from ((kind, one) for one in (part.split("/") if kind in TREES else (part,)))
