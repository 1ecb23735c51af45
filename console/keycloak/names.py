"""Names that may be written: Keycloak takes an empty role name, and names that no call can reach again."""

from collections.abc import Iterator

from console.engine.operation import Action, Operation
from console.engine.state import Address, Kind
from console.exact_url import Refused, path_of
from console.keycloak.errors import Permanent

LONGEST_NAME = 255  # characters; the width of Keycloak's columns


def refuse_unclear(operation: Operation) -> None:
    """Raise Permanent, naming the reason, unless every name in an operation can stand in a path."""
    for address in (operation.address, operation.was):
        for name in _names(address) if address else ():
            _refuse(name)
    if operation.address.kind is Kind.PERSON and operation.action is not Action.DELETE:
        _refuse_capitals(operation.address.path[0])


def _refuse(name: str) -> None:
    if len(name) > LONGEST_NAME:
        raise Permanent(f"A name is longer than {LONGEST_NAME} characters: “{name[:20]}…”.")
    try:
        path_of((name,))
    except Refused as error:
        raise Permanent(error.sentence) from error


def _refuse_capitals(username: str) -> None:
    if username != username.lower():
        raise Permanent(f"Keycloak writes user names in small letters: “{username.lower()}”.")


def _names(address: Address) -> Iterator[str]:
    """Yield the names in an address: a group's path is several, the value of an entitlement is none."""
    if address.kind is Kind.ENTITLEMENT:
        carrier, owner, _ = address.path
        yield from owner.split("/") if carrier == "group" else (owner,)
        return
    for place, part in enumerate(address.path):
        yield from part.split("/") if (address.kind, place) in _GROUPS else (part,)


_GROUPS = {(Kind.GROUP, 0), (Kind.GROUP_ROLE, 0), (Kind.MEMBERSHIP, 1)}
