"""Who and what a request names, in the words of the access graph and of a catalogue."""

from collections.abc import Mapping

from console.api.authzen.messages import Action, Entity
from console.graph.catalogue import Capability, Catalogue
from console.graph.edges import Node, NodeKind

OPERATOR = "operator"
SERVICE = "service"
CONSOLE_TENANT = "tenant"

SUBJECTS: Mapping[str, NodeKind] = {
    "user": NodeKind.PERSON,
    "group": NodeKind.GROUP,
    "service_account": NodeKind.SERVICE_ACCOUNT,
    "role": NodeKind.ROLE,
}
"""Types of subjects. `operator` is one more: somebody who works in this console."""


def node_of(subject: Entity) -> Node | None:
    """Return the node of a subject, or None for a type or name that nothing can have."""
    kind = SUBJECTS.get(subject.type)
    return Node(kind, subject.id) if kind and subject.id and subject.is_possible else None


def capabilities_of(catalogue: Catalogue, action: Action, resource: Entity) -> tuple[Capability, ...]:
    """Return what an action on a type of resource means: the capability of that key, or all that it names.

    What concerns a service as a whole is asked for with the resource `service`, its key as the id.
    """
    exact = catalogue.by_key.get(action.name)
    if exact is not None and _acts_on(exact, resource):
        return (exact,)
    return tuple(one for one in of_resource(catalogue, resource) if action.name in names_of(one))


def of_resource(catalogue: Catalogue, resource: Entity) -> tuple[Capability, ...]:
    """Return the capabilities that act on this type of resource, or on this service as a whole."""
    return tuple(one for one in catalogue.capabilities if _acts_on(one, resource))


def _acts_on(capability: Capability, resource: Entity) -> bool:
    if resource.type == SERVICE:
        return not capability.resource and capability.service == resource.id
    return bool(capability.resource) and capability.resource == resource.type


def names_of(capability: Capability) -> tuple[str, ...]:
    """Return the names that a request may use for a capability beside its key."""
    return (*capability.actions, capability.key.partition(":")[2])


def resource_of(capability: Capability, resource: Entity) -> str:
    """Return `type:name` as questions have it, "" for a service as a whole."""
    return f"{resource.type}:{resource.id}" if capability.resource else ""
