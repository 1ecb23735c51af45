"""A small catalogue for tests: packages and databases of a platform, and its workspaces."""

from dataclasses import replace

from console.graph.catalogue import (
    AnyOf,
    Capability,
    Catalogue,
    Effect,
    Entitled,
    EntitlementKind,
    Grant,
    Not,
    Owner,
    Pattern,
    Property,
    Service,
    Silence,
)
from console.graph.chains import Facts
from console.graph.edges import Node, NodeKind, entitlement, person, role

READ, WRITE = Entitled("package", "READ"), Entitled("package", "WRITE")


def capability(key: str, **more: object) -> Capability:
    service, _, name = key.partition(":")
    return Capability(key=key, service=service, name=name, short=name, **more)  # type: ignore[arg-type]


def gives(right: str, key: str, *, kind: NodeKind = NodeKind.ROLE, **more: object) -> Grant:
    return Grant(kind=kind, right=Pattern(right), capability=key, **more)  # type: ignore[arg-type]


INSIGHTS = Catalogue(
    services=(Service(key="kx", name="Insights", short="kx"), Service(key="pk", name="Pk", short="pk")),
    capabilities=(
        capability("kx:open", resource="package", needs=AnyOf((READ, Owner()))),
        capability("kx:change", resource="package", needs=AnyOf((WRITE, Owner()))),
        capability("kx:query", resource="database", needs=Entitled("database", "QUERY")),
        capability("kx:review", resource="package", needs=Not(Owner())),
        capability("kx:archive", resource="package"),
        capability("kx:audit"),
        capability("kx:pin", silence=Silence.UNSTATED),
        capability("kx:night", needs=Property("context.hour", "at least", 22)),
        capability("pk:s3", resource="workspace", levels=("read-only", "read-write")),
        capability("mq:tag"),
    ),
    grants=(
        gives("viewer", "kx:open"),
        gives("developer", "kx:change"),
        gives("viewer", "kx:query"),
        gives("developer", "kx:review"),
        gives("admin", "kx:open", exempt=True),
        gives("admin", "kx:change", exempt=True),
        gives("admin", "kx:review", exempt=True),
        gives("admin", "kx:archive"),
        gives("admin", "kx:audit"),
        gives("maintainer", "kx:audit", effect=Effect.UNCLEAR),
        gives("pin-users", "kx:pin"),
        gives("viewer", "kx:night"),
        gives("developer", "kx:archive", when=Property("resource.properties.status", "is", "closed")),
        gives("pk:s3:edit:<profile>", "pk:s3", level="read-write", resource="<profile>"),
        gives("pk:s3:view:<profile>", "pk:s3", level="read-only", resource="<profile>"),
        gives("rabbit/tag:administrator", "mq:tag", kind=NodeKind.CLIENT_SCOPE),
    ),
    entitlements=(
        EntitlementKind(name="package", levels=("READ", "WRITE")),
        EntitlementKind(name="database", levels=("QUERY",)),
    ),
    titles={"viewer": "Viewer", "idle": "Idle"},
    enforced=True,
)
FREE = replace(INSIGHTS, enforced=False)


def ann(*rights: str, owns: tuple[str, ...] = (), **more: object) -> Facts:
    """Return somebody with these roles; a text with a capital level is an entitlement."""
    nodes = {entitlement(one) if one.rpartition(":")[2].isupper() else role(one) for one in rights}
    return Facts(subject=person("ann"), rights=frozenset(nodes), owns=frozenset(owns), **more)  # type: ignore[arg-type]


def scope(name: str) -> Node:
    return Node(NodeKind.CLIENT_SCOPE, name)
