"""The jump box: things of a realm's configuration by name, declared here or read in Keycloak."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from console.engine.kinds import KINDS
from console.engine.state import Address
from console.identity.actor import Actor
from console.permissions.policy import decide
from console.permissions.vocabulary import Permission
from console.sync.models import Observed
from console.sync.words import thing
from tenants.configuration.sections import SINGLES, section_of
from tenants.models import Declaration, Tenant
from tenants.validity import DECLARABLE

# Links are found by what they link; of these there is one in a realm, which has no name.
NAMED = tuple(kind.value for kind in DECLARABLE if not KINDS[kind].is_link and kind not in SINGLES)


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing with the tenant in which it is shown."""

    address: Address
    tenant: Tenant

    @property
    def name(self) -> str:
        return self.address.path[-1]

    @property
    def icon(self) -> str:
        return section_of(self.address).icon

    @property
    def note(self) -> str:
        """What it is and where, e.g. `mapper of the client web, Acme`."""
        words = thing(self.address)
        return f"{words[0].upper()}{words[1:]}, {self.tenant.name}"

    @property
    def url(self) -> str:
        page = reverse("tenants:declaration-detail", kwargs={"tenant": self.tenant.slug})
        return f"{page}?{urlencode({'at': self.address.key})}"


def settings_found(actor: Actor, text: str, tenants: Iterable[Tenant], *, most: int) -> Iterator[Setting]:
    """Yield what is called so, what is declared first; two queries for any number of tenants.

    A share has no configuration of its own, and nobody finds what the lists would not show.
    """
    allowed = [
        one for one in tenants if not one.is_share and decide(actor, Permission.DECLARATION_VIEW, one.slug)
    ]
    by_scope = {one.realm.scope_id: one for one in reversed(allowed)}
    left = most
    for keys in (_declared(text, by_scope), _read(text, by_scope)):
        for scope, key in keys[:left] if left > 0 else ():
            left -= 1
            yield Setting(Address.parse(key), by_scope[scope])


def _declared(text: str, scopes: Iterable[int]) -> "QuerySet[Any, tuple[int, str]]":
    """Return those whose last part has the text: what stands before it is what they belong to."""
    last = re.escape(quote(text, safe="/ :@+")) + r"[^|]*$"
    rows = Declaration.objects.filter(kind__in=NAMED, realm__scope__in=list(scopes))
    found = rows.filter(address__iregex=last).order_by("address", "pk")
    return found.values_list("realm__scope_id", "address")


def _read(text: str, scopes: Iterable[int]) -> "QuerySet[Any, tuple[int, str]]":
    known = Declaration.objects.filter(realm__scope=OuterRef("scope"), address=OuterRef("address"))
    rows = Observed.objects.filter(
        Q(target__icontains=text), ~Exists(known), kind__in=NAMED, scope__in=list(scopes)
    )
    return rows.order_by("address", "pk").values_list("scope_id", "address")
