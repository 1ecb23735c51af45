"""From where break-glass accounts may be used."""

from ipaddress import ip_address

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

LOCAL_VIEWS = frozenset({"account_login", "mfa_authenticate"})


def address_of(request: HttpRequest) -> str:
    """Return where the request comes from, behind as many proxies as TRUSTED_PROXY_COUNT says."""
    try:
        return get_client_ip(request) or ""
    except ImproperlyConfigured:  # fewer addresses in the header than proxies: nothing in it is trusted
        return ""


def may_sign_in_locally(request: HttpRequest) -> bool:
    """Return whether the request comes from one of LOCAL_LOGIN_NETWORKS."""
    text = address_of(request)
    if not text:
        return False
    address = ip_address(text)
    mapped = getattr(address, "ipv4_mapped", None)
    return any((mapped or address) in network for network in settings.LOCAL_LOGIN_NETWORKS)
