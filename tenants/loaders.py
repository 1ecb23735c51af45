"""How a view or a service gets a tenant: invisible is not there at all."""

from django.http import Http404

from console.identity.actor import Actor
from console.sync.commands import Gone
from tenants.models import Tenant


def tenant_for(actor: Actor, slug: str) -> Tenant:
    """Return a tenant that the actor may know of. Raises Http404 otherwise."""
    tenant = Tenant.objects.visible_to(actor).with_realm().filter(slug=slug).first()
    if tenant is None:
        raise Http404("There is no such tenant, or you may not know of it.")
    return tenant


def tenant_named(actor: Actor, slug: str) -> Tenant:
    """Return a tenant for a service. Raises Gone where `tenant_for` answers 404."""
    try:
        return tenant_for(actor, slug)
    except Http404 as error:
        raise Gone(str(error)) from None
