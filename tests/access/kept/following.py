"""The part of the random changes that concerns blueprints: uploads, and what a tenant follows."""

from collections import Counter
from contextlib import suppress
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from access.facts import Facts
from console.blueprints.loader import Invalid
from console.graph.decisions import Question, decide
from console.sync.cause import Cause
from console.sync.commands import Refused, command_named
from tenants.blueprints import catalogue_of
from tenants.models import BlueprintUse, Tenant
from tests.access.kept.drawn import NOBODY, QUESTIONS, ROLES, Drawn, Thing, blueprints
from tests.factories import MIRA

versions = st.sampled_from(["1", "2", "3", "4"])
seconds = st.sampled_from([NOBODY, *ROLES])


class Following(RuleBasedStateMachine):
    """What is uploaded and followed, told beside the console: `under` is what must be answered from."""

    done: Counter[str] = Counter()  # how often each command was not refused, in all stories

    def __init__(self) -> None:
        super().__init__()
        self.uploaded: dict[str, Drawn] = {}
        self.under: tuple[Drawn, dict[str, Any]] | None = None

    def run(self, command: str, **values: Any) -> bool:
        """Say whether the console did it, or refused."""
        with suppress(Refused, Invalid), transaction.atomic():
            command_named(command).run(actor=MIRA, cause=Cause(), **values)
            Following.done[command] += 1
            return True
        return False

    @rule(version=versions, drawn=blueprints)
    def upload(self, version: str, drawn: Drawn) -> None:
        """A version that is here already is never replaced, also not by what says otherwise."""
        if self.run("tenants:blueprint:create", text=drawn.text(version)):
            assert version not in self.uploaded
            self.uploaded[version] = drawn

    @rule(version=versions, enforced=st.booleans(), second=seconds)
    def put_under(self, version: str, enforced: bool, second: str) -> None:
        parameters = {"enforced": enforced, "second": second}
        values = {"blueprint": "drawn", "version": version, "parameters": parameters}
        if self.run("tenants:blueprint:apply", tenant="acme", **values):
            assert self.under is None
            self.under = self.uploaded[version], parameters

    @rule(version=versions, enforced=st.booleans(), second=seconds, late=st.sampled_from([0, 0, 0, 1]))
    def move(self, version: str, enforced: bool, second: str, late: int) -> None:
        """Another version, or only other parameters. Who comes late with an old form changes nothing."""
        use = BlueprintUse.objects.filter(tenant__slug="acme").first()
        parameters = {"enforced": enforced, "second": second}
        values = {"revision": (use.revision if use else 1) - late, "version": version}
        if self.run("tenants:blueprint:move", tenant="acme", parameters=parameters, **values):
            assert not late
            self.under = self.uploaded[version], parameters

    @rule(enforced=st.booleans(), second=seconds)
    def read_otherwise(self, enforced: bool, second: str) -> None:
        """The same version with other parameters."""
        use = BlueprintUse.objects.select_related("blueprint").filter(tenant__slug="acme").first()
        if use is not None:
            self.move(use.blueprint.version, enforced, second, 0)

    def compare_answers(self, tenant: Tenant, facts: Facts, rights: set[Thing], owns: set[str]) -> None:
        """Decide everything as the pages do, and compare with what the drawn facts say."""
        catalogue = catalogue_of(tenant)
        for capability, resource in QUESTIONS:
            answer = decide(catalogue, facts, Question(capability=capability, resource=resource))
            expected = (False, "")
            if self.under is not None:
                drawn, parameters = self.under
                expected = drawn.answer((capability, resource), parameters, rights, owns)
            said = f"{facts.subject} {capability} {resource} under {self.under}"
            assert (answer.is_allowed, answer.level if answer.is_allowed else "") == expected, said
