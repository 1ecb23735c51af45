"""Exact addresses: what cannot be one part of a path is refused before anything is sent."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.exact_url import LONGEST_URL, Refused, origin_of, path_of, url_of

ORIGIN = "https://sso.example.org:8443/auth"
BASE = ("admin", "realms", "acme", "roles")
NASTY = ["..", ".", "a/b", "?", "#", "%2e%2e", "%2F", ";x=1", "../x", "\\", "é", "a b", "+", "*", "x" * 300]


@given(st.one_of(st.text(), st.sampled_from(NASTY), st.lists(st.sampled_from(NASTY)).map("".join)))
def test_a_name_stays_one_part_of_the_path_or_is_refused(name: str) -> None:
    try:
        url = url_of(ORIGIN, (*BASE, name))
    except Refused:
        return

    path = str(url).removeprefix("https://sso.example.org:8443")
    before, _, last = path.rpartition("/")
    assert before == "/auth/admin/realms/acme/roles"
    assert unquote(last) == name
    assert url.raw_path_qs == path
    assert not set(last) & set("?#;\\ ")
    assert unquote(last) not in {"", ".", ".."}


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "%2e%2e",
        "%252e%252e",
        ".%2e",
        "a/b",
        "../x",
        "a%2fb",
        "%5c..",
        "a\\b",
        "a\x00b",
        "a\nb",
        "\x7f",
        "\x85",
        "\ud800",
        "x\udfff",
    ],
)
def test_what_a_layer_below_could_take_for_another_path_is_refused(name: str) -> None:
    with pytest.raises(Refused):
        path_of(("realms", name))


def test_a_name_of_ten_thousand_characters_is_refused_with_the_limit() -> None:
    with pytest.raises(Refused, match=str(LONGEST_URL)):
        url_of(ORIGIN, (*BASE, "x" * 10_000))


@given(st.dictionaries(st.sampled_from(["username", "max"]), st.text() | st.integers() | st.booleans()))
def test_a_query_never_leaves_its_place(query: dict[str, str | int | bool]) -> None:
    try:
        url = url_of(ORIGIN, BASE, query)
    except Refused:
        return

    assert str(url).startswith(f"{ORIGIN}/admin/realms/acme/roles")
    assert url.raw_fragment == ""
    shown = {
        key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in query.items()
    }
    assert dict(url.query) == shown


@pytest.mark.parametrize(
    "address",
    ["", "sso.example.org", "ftp://x", "file:///etc", "http://", "http://u:p@x", "http://x?a=b", "http://x#f"]
    + ["http://x/../y", "http://x:port", "http://[::1"],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(Refused):
        origin_of(address)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://SSO.example.org/", "https://sso.example.org"),
        ("http://127.0.0.1:8080/auth/", "http://127.0.0.1:8080/auth"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_address_keeps_its_port_and_prefix(address: str, origin: str) -> None:
    assert origin_of(address) == origin
