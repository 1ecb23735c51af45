"""Where a Keycloak server may be: nowhere that only this machine or its cloud can reach, unless allowed.

Otherwise who may add a server could let the console speak to services that trust it for where it stands.
"""

import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings

from console.seal import CannotOpen

Ip = IPv4Address | IPv6Address

SETTING = "SERVER_NETWORKS"
# Many systems take all of it as this machine (RFC 1122, 3.2.1.3).
_THIS_NETWORK = ip_network("0.0.0.0/8")


class NotAllowed(CannotOpen):
    """A server's address leads to where the console must not go."""


def why_not(url: str) -> str:
    """Return why the console does not go to an address, as a sentence, or "" where it may.

    A host is judged by the addresses that it has now, in whatever way it is written (`127.1`,
    `2130706433`, `0x7f.1`). One that has none is nowhere, and a call there fails by itself.
    """
    host = urlsplit(url).hostname or ""
    for found in _addresses(host):
        what = _kind_of(found)
        if what and not any(found in network for network in settings.SERVER_NETWORKS):
            shown = host if host == str(found) else f"{host} ({found})"
            return f"{shown} is {what}. If a Keycloak is really there, allow its network in {SETTING}."
    return ""


def require(url: str) -> None:
    """Raise NotAllowed for an address that the console does not go to."""
    if sentence := why_not(url):
        raise NotAllowed(sentence)


def _addresses(host: str) -> Iterator[Ip]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return
    for *_, place in found:
        address = ip_address(str(place[0]).partition("%")[0])
        yield _inner(address)


def _inner(address: Ip) -> Ip:
    """Return the IPv4 address that some IPv6 addresses only wrap."""
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or address.sixtofour or _translated(address) or address
    return address


def _translated(address: IPv6Address) -> IPv4Address | None:
    """Return the address behind 64:ff9b::/96, the well-known prefix of NAT64 (RFC 6052)."""
    is_translated = int(address) >> 32 == 0x0064FF9B << 64
    return IPv4Address(int(address) & 0xFFFFFFFF) if is_translated else None


def _kind_of(address: Ip) -> str:
    if address.is_loopback:
        return "this machine itself"
    if address.is_link_local:
        return "a link-local address, where clouds keep the credentials of a machine"
    if address in _THIS_NETWORK or address.is_unspecified:
        return "no address of another machine"
    if address.is_multicast or address.is_reserved:
        return "not the address of one machine"
    return ""
