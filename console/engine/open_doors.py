"""Clients that let strangers in: where sign-in may be sent, which pages may ask, and by which flow."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from console.engine.kinds import described, spec_of
from console.engine.operation import Action, Operation
from console.engine.plan import Plan
from console.engine.state import Kind
from console.engine.stops import Rule, Stop

# https://www.keycloak.org/docs/latest/server_admin/#unspecific-redirect-uris
_TARGETS = ("redirect_uris", "post_logout_redirect_uris")
_LINKS = ("root_url", "base_url", "admin_url", "backchannel_logout_url")
_SCRIPTS = frozenset({"javascript", "data", "vbscript", "file", "blob"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def stops_of(plan: Plan) -> Iterator[Stop]:
    """Yield what of a plan opens a client further than it should be; what was so before is left alone."""
    for operation in plan.operations:
        if operation.address.kind is Kind.CLIENT and operation.action in (Action.CREATE, Action.UPDATE):
            before, after = _fields(operation, operation.before), _fields(operation, operation.after)
            yield from _scripts(operation, before, after)
            yield from _open_addresses(operation, before, after)
            yield from _open_origins(operation, before, after)
            yield from _weak_flows(operation, before, after)


def openness_of(address: str) -> str:
    """Return what makes a redirect address open, as a clause, or "" for one that names its place."""
    text = address.strip()
    scheme, colon, _ = text.partition(":")
    if text in ("*", "**", "/*", "+") or not text:
        return "it fits every address" if text in ("*", "**") else ""
    if not colon:
        return ""
    host = _host_of(text)
    if scheme.lower() in ("http", "https") and (not host or "*" in host):
        return f"it also fits other hosts, {_stranger(text)} for example"
    if scheme.lower() == "http" and host not in _LOOPBACK:
        return "codes and tokens travel unencrypted"
    if scheme.lower() == "https" and urlsplit(text).path == "/*":
        return "every page of the host can receive the code, one that redirects further among them"
    return ""


def is_script(address: str) -> bool:
    """Tell whether a browser would run an address instead of going there. It overlooks blanks and breaks."""
    scheme, colon, _ = re.sub(r"[\x00-\x20\x7f]", "", address).partition(":")
    return bool(colon) and scheme.lower() in _SCRIPTS


def _fields(operation: Operation, fields: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the fields with the defaults of what a new client has; none where there was no client."""
    if fields is None:
        return {}
    known = spec_of(operation.address).fields
    return {name: spec.default for name, spec in known.items()} | dict(fields)


def _scripts(operation: Operation, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Stop]:
    values = [(name, value) for name in _TARGETS for value in _new(name, before, after)]
    values += [(name, str(after[name])) for name in _LINKS if after[name] != before.get(name)]
    for name, value in values:
        if is_script(value):
            label = spec_of(operation.address).fields[name].label
            yield Stop(
                rule=Rule.SCRIPT_ADDRESS,
                address=operation.final,
                sentence=f"{_name(operation)}: {label} {value[:80]} is a script, not an address.",
                consequence="A browser would run it. It is never written.",
                is_forbidden=True,
            )


def _open_addresses(operation: Operation, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Stop]:
    for name, noun in zip(_TARGETS, ("Redirect URI", "Redirect URI after logout"), strict=True):
        opened = {value: why for value in _new(name, before, after) if (why := openness_of(value))}
        if opened:
            first = min(opened)
            rest = f" and {len(opened) - 1} more" if len(opened) > 1 else ""
            yield Stop(
                rule=Rule.OPEN_ADDRESS,
                address=operation.final,
                sentence=f"{_name(operation)}: {noun} {first}{rest} is open: {opened[first]}.",
                consequence="Whoever gets a person to click a link can be sent her code or token.",
                about=f"{operation.final.key}:{name}",
                subjects=frozenset(opened),
            )


def _open_origins(operation: Operation, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Stop]:
    added = set(_new("web_origins", before, after))
    follows = "+" in after["web_origins"] and any(openness_of(one) for one in after["redirect_uris"])
    widened = "+" in added or any(openness_of(one) for one in _new("redirect_uris", before, after))
    if "*" not in added and not (follows and widened):
        return
    sign = "*" if "*" in added else "+"
    why = "pages of every origin" if sign == "*" else "pages of all that the open redirect URIs fit"
    yield Stop(
        rule=Rule.OPEN_ADDRESS,
        address=operation.final,
        sentence=f"{_name(operation)}: web origin {sign} lets {why} ask Keycloak for tokens.",
        consequence="Name the origins, one a line.",
        about=f"{operation.final.key}:web_origins",
        subjects=frozenset({sign}),
    )


def _weak_flows(operation: Operation, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Stop]:
    if after["implicit_flow"] and not before.get("implicit_flow"):
        why = "Tokens stand in addresses, in the browser's history and in logs. Use the standard flow."
        yield _weak(operation, "implicit_flow", "the implicit flow is on", why)
    is_direct = after["direct_access_grants"] and after["public"]
    if is_direct and not (before.get("direct_access_grants") and before.get("public")):
        why = "Anybody may try passwords with it, past second factors and the login page."
        yield _weak(operation, "direct_access_grants", "direct access grants are on, and it is public", why)


def _weak(operation: Operation, field: str, what: str, why: str) -> Stop:
    return Stop(
        rule=Rule.WEAK_FLOW,
        address=operation.final,
        sentence=f"{_name(operation)}: {what}.",
        consequence=why,
        about=f"{operation.final.key}:{field}",
    )


def _new(name: str, before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    had: Iterable[Any] = before.get(name) or ()
    return sorted(str(one) for one in set(after[name] or ()) - set(had))


def _host_of(address: str) -> str:
    """Return the host of an address, with what a wildcard makes of it."""
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return "*"  # nobody can say where it leads


def _stranger(address: str) -> str:
    scheme, _, rest = address.partition("://")
    beginning = rest.partition("*")[0].rstrip(".")
    return f"{scheme}://{beginning}.evil.example" if beginning else f"{scheme}://evil.example"


def _name(operation: Operation) -> str:
    name = described(operation.address)
    return f"{name[0].upper()}{name[1:]}"
