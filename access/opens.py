"""What a role opens: the capabilities of each service, its own and those that come through included roles."""

from dataclasses import dataclass, replace

from access.facts import facts_of
from console.graph.catalogue import Capability, Catalogue, Service
from console.graph.decisions import Answer, Facts, Mark, over
from console.graph.edges import Node
from tenants.blueprints import catalogue_of
from tenants.models import Tenant

NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """One service: which of its capabilities are opened, in the order of the platform."""

    service: str
    names: tuple[str, ...]
    total: int
    unclear: int

    @property
    def count(self) -> int:
        return len(self.names)

    @property
    def first(self) -> str:
        return ", ".join(self.names[:NAMED])

    @property
    def more(self) -> int:
        return max(0, len(self.names) - NAMED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opens:
    """All services that the platform names. `through`: what the roles that it includes open already."""

    services: tuple[Opened, ...]
    through: int
    enforced: bool

    @property
    def count(self) -> int:
        return sum(one.count for one in self.services)

    @property
    def total(self) -> int:
        return sum(one.total for one in self.services)

    @property
    def own(self) -> int:
        return self.count - self.through

    @property
    def closed(self) -> int:
        return self.total - self.count


def opens_of(tenant: Tenant, role: Node) -> Opens | None:
    """Return what a role opens, whatever entitlements it takes besides; None without a platform."""
    catalogue = catalogue_of(tenant)
    if not catalogue.capabilities:
        return None
    told = replace(catalogue, enforced=False)
    facts = facts_of(tenant, [role])[role]
    others = replace(facts, rights=facts.rights - {role})
    services = tuple(_opened(told, facts, one) for one in told.services)
    through = sum(over(told, others, one.key).opens for one in told.capabilities)
    kept = tuple(one for one in services if one.total)
    return Opens(services=kept, through=through, enforced=catalogue.enforced)


def _opened(catalogue: Catalogue, facts: Facts, service: Service) -> Opened:
    capabilities = [one for one in catalogue.capabilities if one.service == service.key]
    answers = {one.key: over(catalogue, facts, one.key) for one in capabilities}
    return Opened(
        service=service.name,
        names=tuple(_said(one, answers[one.key]) for one in capabilities if answers[one.key].opens),
        total=len(capabilities),
        unclear=sum(one.mark is Mark.UNSTATED for one in answers.values()),
    )


def _said(capability: Capability, answer: Answer) -> str:
    return f"{capability.short} ({answer.level})" if answer.level else capability.short
