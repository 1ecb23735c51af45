"""Exact addresses: a name stays one part of a path, or nothing is sent.

Quoting alone is not enough: layers below normalise `..`, and a proxy that decodes %2F makes two parts of one.
"""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote, unquote, urlsplit

from yarl import URL

Query = Mapping[str, str | int | bool]

LONGEST_URL = 4_000  # bytes; common proxies refuse longer request lines
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# What ids and most names are made of: nothing in them is quoted, and none of them means another path.
_PLAIN = re.compile(r"(?!\.)[A-Za-z0-9_.~-]+(?<!\.)")


class TransportError(Exception):
    """A call that ended without a reply. `sentence` is for an administrator."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Refused(TransportError):
    """Nothing was sent: the path or the address would not have been the intended one."""


def path_of(segments: Sequence[str]) -> str:
    """Return `/a/b` with every segment quoted whole. Raises Refused for one that could mean another path."""
    return "".join(f"/{_segment(one)}" for one in segments)


def _segment(text: str) -> str:
    if not isinstance(text, str) or text == "":
        raise Refused("A name is empty.")
    if _PLAIN.fullmatch(text):
        return text
    _refuse_unsendable(text)
    plain = unquote(unquote(text))
    if plain.strip() in {".", ".."}:
        raise Refused("A name must not be “.” or “..”.")
    # A proxy that decodes %2F would turn one name into two path segments.
    if "/" in plain or "\\" in plain:
        raise Refused("A name must not contain a slash or a backslash.")
    return quote(text, safe="")


def _refuse_unsendable(text: str) -> None:
    if _CONTROL.search(text):
        raise Refused("A name must not contain control characters.")
    if _SURROGATE.search(text):
        raise Refused("A name contains half of a character (a lone surrogate).")


def _query_of(query: Query | None) -> str:
    pairs = []
    for key, value in (query or {}).items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        _refuse_unsendable(text)
        pairs.append(f"{quote(key, safe='')}={quote(text, safe='')}")
    return "?" + "&".join(pairs) if pairs else ""


def origin_of(base_url: str) -> str:
    """Return `scheme://host:port/prefix` without a trailing slash. Raises Refused for anything else."""
    try:
        parts = urlsplit(base_url)
        _ = parts.port
    except ValueError:
        raise Refused("The server's address cannot be read.") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refused("The server's address must start with http:// or https:// and name a host.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise Refused("The server's address must not contain credentials, a query or a fragment.")
    prefix = path_of(tuple(parts.path.strip("/").split("/"))) if parts.path.strip("/") else ""
    return f"{parts.scheme}://{parts.netloc.lower()}{prefix}"


def url_of(origin: str, segments: Sequence[str], query: Query | None = None) -> URL:
    """Return the exact URL, which no layer below changes. Raises Refused if one would, or if too long."""
    intended = origin + path_of(segments) + _query_of(query)
    if len(intended) > LONGEST_URL:
        raise Refused(f"A name is too long: the address of the call would pass {LONGEST_URL} bytes.")
    url = URL(intended, encoded=True)
    if str(url) != intended or not intended.endswith(url.raw_path_qs):
        raise Refused("The address of the call would have been changed on its way.")
    return url
