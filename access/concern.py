"""What of a realm's access graph is a tenant's business: of a share, its own things only."""

from collections.abc import Iterable

from console.graph.edges import Node, NodeKind
from tenants.models import Tenant


def concerns(tenant: Tenant, node: Node) -> bool:
    """Return whether the tenant may read the name of a role, group or entitlement. People are not judged."""
    if not tenant.is_share:
        return True
    match node.kind:
        case NodeKind.ROLE | NodeKind.CLIENT_ROLE | NodeKind.CLIENT_SCOPE:
            # Of a client's role or scope the name begins with the client's, which has the tenant's prefix.
            return node.name.startswith(tenant.role_prefix)
        case NodeKind.ENTITLEMENT:
            return node.name.startswith(tenant.type_prefix)
        case NodeKind.GROUP:
            return node.name == tenant.group_name or node.name.startswith(f"{tenant.group_name}/")
    return True


def concerning(tenant: Tenant, nodes: Iterable[Node]) -> list[Node]:
    """Return those that are the tenant's business, in their order."""
    return [one for one in nodes if concerns(tenant, one)]


def outside(node: Node) -> str:
    """Return what stands in the place of a name that is none of the tenant's business."""
    article = "an" if node.kind.noun[0] in "aeiou" else "a"
    return f"{article} {node.kind.noun} outside this tenant"
