"""What a person's rights open, for the list on the person's page: each capability with its shortest way."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from access.concern import concerns
from access.facts import facts_of
from console.graph.catalogue import Capability, Catalogue
from console.graph.decisions import Answer, Facts, Mark, over
from console.graph.edges import Node
from tenants.blueprints import catalogue_of
from tenants.models import Tenant


@dataclass(frozen=True)
class PersonOpens:
    """The capabilities of one person, each with its answer, in the order of the platform."""

    tenant: Tenant
    subject: Node

    @cached_property
    def catalogue(self) -> Catalogue:
        return catalogue_of(self.tenant)

    @cached_property
    def answers(self) -> Mapping[Capability, Answer]:
        """What is open, with no query for a tenant without a platform but that for its blueprint."""
        if not self.catalogue.capabilities:
            return {}
        facts = self._facts
        asked = ((one, over(self.catalogue, facts, one.key)) for one in self.catalogue.capabilities)
        return {one: answer for one, answer in asked if answer.opens}

    @property
    def total(self) -> int:
        return len(self.catalogue.capabilities)

    def right_of(self, capability: Capability) -> Node | None:
        """Return the right through which a capability comes first."""
        chains = self.answers[capability].chains
        return next((one.right for one in chains if one.gives and one.holds is not False), None)

    def condition_of(self, capability: Capability) -> str:
        """Return what a capability hangs on, in a word or two; nothing where it hangs on nothing."""
        answer = self.answers[capability]
        if answer.mark is Mark.EXEMPT:
            return "exempt from the rules"
        if answer.mark is not Mark.LIMITED:
            return answer.level
        number = len(answer.on)
        where = (
            f"on {number} {capability.resource}{'' if number == 1 else 's'}" if number else "on a condition"
        )
        return f"{answer.level} {where}".strip()

    def service_of(self, capability: Capability) -> str:
        return next((one.short for one in self.catalogue.services if one.key == capability.service), "")

    @cached_property
    def _facts(self) -> Facts:
        facts = facts_of(self.tenant, [self.subject])[self.subject]
        if not self.tenant.is_share:
            return facts
        return replace(facts, rights=frozenset(one for one in facts.rights if concerns(self.tenant, one)))
