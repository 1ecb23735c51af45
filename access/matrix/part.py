"""Some rows of the matrix with all that their cells need, by the same number of queries for any number."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from typing import Any

from access.concern import concerning, concerns
from access.facts import facts_of
from access.graphs import Access, access_in, access_of
from access.kept.held import Held, held_by
from access.matrix.answers import Answers, Opened, Rights, rights_of
from access.matrix.asked import Asked, Show, View
from access.matrix.columns import column_groups, declared_of
from access.matrix.families import Families, Family, edges_of
from access.matrix.grid import Column, ColumnGroup, Row, RowGroup, counting
from access.matrix.opened import asked_of_resources, capability_groups, levels_of, resource_groups
from access.matrix.rows import Subject, as_subject, node_of_row, subjects, usernames_of
from access.models import Resource
from console.graph.catalogue import Capability, Catalogue
from console.graph.decisions import Facts
from console.graph.edges import Node, NodeKind
from console.sync.models import Observed
from tenants.models import Tenant


@dataclass(frozen=True)
class Matrix:
    """What an address asks of one tenant, before any page of it."""

    tenant: Tenant
    asked: Asked
    families: Families

    @property
    def catalogue(self) -> Catalogue:
        return self.families.catalogue

    @cached_property
    def answering(self) -> Catalogue:
        """What cells are answered from. A role is shown with all that it permits, as the platform's own
        tables do: entitlements are of somebody who has it.
        """
        is_of_roles = self.asked.view is View.ROLES and self.show is Show.CAPABILITIES
        return self.catalogue.unenforced if is_of_roles else self.catalogue

    @property
    def show(self) -> Show:
        """What stands in the columns: without capabilities only rights and resources can."""
        wanted = self.asked.show or Show.CAPABILITIES
        if wanted is Show.CAPABILITIES and not self.catalogue.capabilities:
            return Show.RIGHTS
        return wanted

    @cached_property
    def capabilities(self) -> tuple[Capability, ...]:
        """What can be asked of every resource."""
        return asked_of_resources(self.catalogue)

    @cached_property
    def capability(self) -> Capability | None:
        """What is asked of every resource; None for the level of the entitlement."""
        found = next((one for one in self.capabilities if one.key == self.asked.capability), None)
        if found or self.catalogue.entitlements or not self.capabilities:
            return found
        return self.capabilities[0]

    @cached_property
    def found(self) -> Sequence[Any]:
        """All rows that are asked for, ordered, still to be paged."""
        return subjects(self.tenant, self.asked, self.families)

    def part(self, rows: Iterable[Any], *, rights: Iterable[Node] = ()) -> "Part":
        """Return these rows with what their cells need. `rights` are columns beside those of the rows."""
        shown = tuple(as_subject(self.tenant, row, self.families) for row in rows)
        held = held_by(self.tenant.realm, usernames_of(shown))
        if any(one.family for one in shown):
            held = replace(held, also=edges_of(self.catalogue))
        facts: Mapping[Node, Facts] = {}
        if self.show is not Show.RIGHTS:
            facts = facts_of(self.tenant, [one.node for one in shown if one.family is None])
        return Part(self, shown, held, dict(facts), frozenset(rights))


@dataclass(frozen=True)
class Part:
    """Some rows: who they are, and what they hold."""

    matrix: Matrix
    shown: tuple[Subject, ...]
    held: Held
    facts: dict[Node, Facts] = field(repr=False)
    rights: frozenset[Node] = frozenset()

    @cached_property
    def access(self) -> Access:
        """The graph that the rows reach, for who asks by which way something is held."""
        return access_in(self.matrix.tenant.realm, self.held.found, self.held.structure)

    @cached_property
    def groups(self) -> tuple[ColumnGroup, ...]:
        """All columns there are for these rows."""
        tenant, families = self.matrix.tenant, self.matrix.families
        if self.matrix.show is Show.CAPABILITIES:
            return capability_groups(families.catalogue)
        if self.matrix.show is Show.RESOURCES:
            return resource_groups(tenant, families, self.matrix.capability)
        return column_groups(tenant, self.held.rights | self.rights, families)

    @cached_property
    def answers(self) -> Answers:
        columns = columns_of(self.groups)
        strangers = frozenset(one.node for one in self.shown if not one.is_declared)
        scope, is_share = self.matrix.tenant.realm.scope, self.matrix.tenant.is_share
        if self.matrix.show is Show.RIGHTS:
            return Rights(
                held=self.held,
                declared=declared_of(self.groups, self.held.declared_rights),
                strangers=strangers,
                everything=rights_of(columns),
                families=self.matrix.families,
                unreadable=scope.unreadable,
            )
        return Opened(
            catalogue=self.matrix.answering,
            facts=self.told,
            held=self.held,
            columns=columns,
            capability=self.matrix.capability if self.matrix.show is Show.RESOURCES else None,
            levels=levels_of(self.matrix.tenant) if self.matrix.show is Show.RESOURCES else {},
            strangers=strangers,
            known=_known(self.matrix.tenant) if is_share else None,
        )

    def row_groups(
        self, shown: Sequence[ColumnGroup], *, folded: Sequence[ColumnGroup] | None = None
    ) -> tuple[RowGroup, ...]:
        """Return the rows with cells for these columns, or counted by group where they are folded."""
        made = [(one.group, self._row(one, shown, folded)) for one in self.shown]
        has_groups = any(label for label, _ in made)
        return tuple(
            RowGroup((label or "In no group") if has_groups else "", tuple(row for _, row in rows))
            for label, rows in groupby(made, lambda pair: pair[0])
        )

    def _row(
        self, subject: Subject, shown: Sequence[ColumnGroup], folded: Sequence[ColumnGroup] | None
    ) -> Row:
        columns = columns_of(folded or shown)
        families = self.matrix.families
        family = subject.family
        row = Row(
            key=subject.key,
            name=self._name(subject),
            url=subject.url,
            icon=subject.icon,
            gloss=self._gloss(subject),
            reach=self.answers.reach(subject.node),
            cells=self.answers.cells(subject.node, columns),
            note=self._note(subject),
            fold=families.url(family) if family else "",
            is_open=bool(family and families.is_open(family)),
            depth=subject.depth,
        )
        return counting(row, folded) if folded else row

    def _name(self, subject: Subject) -> str:
        """Return what people call it: the platform has titles for its roles."""
        is_role = subject.node.kind is NodeKind.ROLE and subject.family is None
        title = self.matrix.catalogue.titles.get(subject.node.name, "") if is_role else ""
        return title or subject.name

    def _gloss(self, subject: Subject) -> str:
        """Return what stands beside the name: how Keycloak names a role, the widest role of somebody."""
        titles = self.matrix.catalogue.titles
        if subject.family:
            return subject.family.title
        if subject.node.kind is NodeKind.ROLE:
            return subject.node.name if subject.node.name in titles else ""
        if subject.node.kind is NodeKind.GROUP:
            return ""
        widest = self._widest(subject.node)
        return titles.get(widest, widest)

    def _widest(self, subject: Node) -> str:
        """Return the declared role of a person that includes most others."""
        held = self.held.rights_of(subject)
        return next((one.name for one in self._own_roles if one in held), "")

    def _note(self, subject: Subject) -> str:
        like = self.matrix.catalogue.looks_like.get(subject.node.name)
        if subject.node.kind is not NodeKind.ROLE or like is None:
            return ""
        return f"Looks like {like}, and is another role: the platform gives it nothing."

    @cached_property
    def _own_roles(self) -> list[Node]:
        """The declared roles that rows of this part have, those that include most first."""
        rights = frozenset[Node]().union(*(self.held.rights_of(one.node) for one in self.shown))
        own = concerning(self.matrix.tenant, rights & self.held.structure.roles)
        graph = self.held.graph
        return sorted(own, key=lambda one: (graph.count_of(one), one.name), reverse=True)

    @cached_property
    def told(self) -> dict[Node, Facts]:
        """What is known of each row, as far as it is the tenant's business."""
        facts = dict(self.facts)
        read_at = self.matrix.tenant.realm.scope.read_at
        for one in self.shown:
            if one.family:
                rights = self.held.rights_of(one.node) | {one.node}
                facts[one.node] = Facts(subject=one.node, rights=rights, read_at=read_at)
        if not self.matrix.tenant.is_share:
            return facts
        return {node: _concerning(self.matrix.tenant, one) for node, one in facts.items()}


def _concerning(tenant: Tenant, facts: Facts) -> Facts:
    return replace(facts, rights=frozenset(one for one in facts.rights if concerns(tenant, one)))


def _known(tenant: Tenant) -> frozenset[str]:
    """Return the resources that a share may know of."""
    rows = Resource.objects.of(tenant).values_list("type__name", "name")
    return frozenset(f"{kind}:{name}" for kind, name in rows)


def differing(matrix: Matrix) -> list[Any]:
    """Return only the rows that are otherwise in Keycloak. This one looks at every row of the filter."""
    people = None if matrix.asked.view is View.PEOPLE else ()
    access = access_of(matrix.tenant.realm, people=people)
    if access.read_at is None:
        return []
    rows = [row for row in matrix.found if not isinstance(row, Observed | Family)]
    ours, theirs = (graph.rights_of_all(map(node_of_row, rows)) for graph in (access.declared, access.live))
    suspects = [row for row in rows if ours[node_of_row(row)] != theirs[node_of_row(row)]]
    part = matrix.part(suspects)
    columns = columns_of(part.groups)
    return [
        row
        for row, one in zip(suspects, part.shown, strict=True)
        if any(cell.differs for cell in part.answers.cells(one.node, columns))
    ]


def columns_of(groups: Iterable[ColumnGroup]) -> tuple[Column, ...]:
    """Return the columns of all groups in their order."""
    return tuple(column for group in groups for column in group.columns)
