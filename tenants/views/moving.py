"""Several tenants of one blueprint taken to a newer version: one plan each, made by one click."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from console.blueprints.expand import expand
from console.blueprints.model import WrongParameters
from console.identity.actor import Actor
from console.permissions.decorators import require
from console.permissions.policy import decide
from console.permissions.vocabulary import Permission
from console.sync.cause import Forbidden
from console.sync.commands import Refused
from console.sync.models import Plan
from console.sync.preview import preview
from console.web.pages import render_page
from tenants.blueprints import Version, age
from tenants.models import BlueprintUse, Tenant
from tenants.views.blueprints import version_for

MOVE = "tenants:blueprint:move"
AT_ONCE = 10  # each reads its realm in Keycloak while one waits


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A tenant under an older version. `why_not`: why a click does not move it; `plan`: one that is open."""

    use: BlueprintUse
    why_not: str = ""
    plan: Plan | None = None

    @property
    def tenant(self) -> Tenant:
        return self.use.tenant

    @property
    def may_move(self) -> bool:
        return not self.why_not and self.plan is None


@require(Permission.BLUEPRINT_APPLY, somewhere=True)
@require_http_methods(["GET", "POST"])
def blueprint_move(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """Choose tenants, and make a plan for each of them. What is refused is said for each."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    target = version_for(actor, key, version)
    found = candidates(actor, target)
    if request.method == "POST":
        _make(request, target, found)
        return redirect("tenants:blueprint-move", key=key, version=version)
    context = {
        "target": target,
        "movable": [one for one in found if one.may_move],
        "planned": [one for one in found if one.plan],
        "stuck": [one for one in found if one.why_not],
        "at_once": AT_ONCE,
    }
    return render_page(request, page="tenants/blueprint_move.html", context=context)


def candidates(actor: Actor, target: Version) -> list[Candidate]:
    """Return the tenants under older versions that the actor may know of; three queries for any number."""
    rows = BlueprintUse.objects.filter(
        tenant__in=Tenant.objects.visible_to(actor), blueprint__key=target.key
    ).select_related("tenant__realm__scope__server", "blueprint")
    uses = [one for one in rows.order_by("tenant__name", "pk") if _is_older(one, target)]
    plans = _open_plans(actor, target, uses)
    return [
        Candidate(
            use=one,
            why_not="" if one.tenant.slug in plans else _why_not(actor, one, target),
            plan=plans.get(one.tenant.slug),
        )
        for one in uses
    ]


def _is_older(use: BlueprintUse, target: Version) -> bool:
    return age(use.blueprint.version) < age(target.version)


def _open_plans(actor: Actor, target: Version, uses: Iterable[BlueprintUse]) -> Mapping[str, Plan]:
    """Return the plans of this person that wait for a decision, by tenant: the newest of each."""
    rows = Plan.objects.filter(
        actor_key=actor.key,
        state=Plan.State.OPEN,
        command=MOVE,
        tenant__in=[one.tenant.slug for one in uses],
        values__version=target.version,
    )
    return {one.tenant: one for one in rows.order_by("created_at", "pk")}


def _why_not(actor: Actor, use: BlueprintUse, target: Version) -> str:
    """Return why a tenant cannot be moved by a click, "" where it can."""
    if not decide(actor, Permission.BLUEPRINT_APPLY, use.tenant.slug):
        return "You may look at it, and not move it."
    if use.tenant.realm.scope.is_observed:
        return "Its realm is observed only: nothing is written there until somebody takes it over."
    try:
        expand(target.read, parameters_of(use, target))
    except WrongParameters as error:
        labels = {one.name: one.label for one in target.read.parameters}
        said = (f"{labels.get(name, name)}: {sentence}" for name, sentence in error.errors.items())
        return f"The version asks for more. {' '.join(said)}"
    return ""


def parameters_of(use: BlueprintUse, target: Version) -> dict[str, Any]:
    """Return what a tenant has of the version's parameters; what is new has its default."""
    return {one.name: use.parameters.get(one.name) for one in target.read.parameters}


def _make(request: HttpRequest, target: Version, found: Sequence[Candidate]) -> None:
    """Make a plan for each tenant that was chosen. One that is refused does not hold up the others."""
    slugs = set(request.POST.getlist("tenant"))
    chosen = [one for one in found if one.may_move and one.tenant.slug in slugs]
    if not chosen:
        messages.error(request, "Choose at least one tenant.")
    for one in chosen[:AT_ONCE]:
        try:
            _plan(request.actor, one.use, target)  # type: ignore[attr-defined]
        except (Refused, Forbidden) as error:
            messages.error(request, f"{one.tenant}: {error}")
    if len(chosen) > AT_ONCE:
        messages.info(request, f"The first {AT_ONCE} have a plan. Choose the others once more.")


def _plan(actor: Actor, use: BlueprintUse, target: Version) -> Plan:
    owner, read = use.tenant, target.read
    return preview(
        actor=actor,
        command=MOVE,
        values={
            "tenant": owner.slug,
            "version": target.version,
            "parameters": dict(expand(read, parameters_of(use, target)).parameters),
            "secrets": {},
            "revision": use.revision,
        },
        title=f"Move {owner} from {use.blueprint.version} to {target.name} {target.version}",
        tenant=owner.slug,
        back=reverse("tenants:blueprint-move", args=[target.key, target.version]),
    )
