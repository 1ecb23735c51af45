"""Small blueprints that are drawn, and what each of them opens, told without reading its text.

A blueprint is a handful of plain facts (`Drawn`). One function writes them down as YAML, as somebody would
who uploads it; another says from the same facts who may do what, by the plainest rules.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

Thing = tuple[str, str]  # kind and name
ROLES = ("r0", "r1", "r2", "r3", "r4")
NOBODY = "none"
LEVELS = ("low", "high")
# What is asked of everybody: each capability, on the resources it acts on.
QUESTIONS = (
    ("shop:open", "package:p0"),
    ("shop:open", "package:p1"),
    ("shop:change", "package:p0"),
    ("shop:change", "package:p1"),
    ("shop:use", ""),
    ("shop:second", ""),
)
# Which levels of an entitlement are enough, while they are asked for; who owns it needs none for opening.
ENOUGH = {"shop:open": ("READ", "WRITE"), "shop:change": ("WRITE",)}

HEAD = """
blueprint: drawn
version: "{version}"
name: Drawn
summary: A drawn platform, for tests.
parameters:
  - {{name: enforced, label: Enforced, type: yes-no, default: false}}
  - name: second
    label: Second
    type: choice
    default: none
    choices: [{choices}]
realm: {{name: acme}}
entitlements:
  enforced: ${{enforced}}
  types: [{{name: package, levels: [READ, WRITE]}}]
services:
  - key: shop
    name: Shop
    short: Shop
    capabilities:
      - key: open
        name: Open
        short: Open
        resource: package
        needs: {{any: [{{entitled: package, level: READ}}, owner]}}
      - key: change
        name: Change
        short: Change
        resource: package
        needs: {{entitled: package, level: WRITE}}
      - {{key: use, name: Use, short: Use, levels: [low, high]}}
      - {{key: second, name: Second, short: Second}}
"""


@dataclass(frozen=True, order=True)
class Given:
    """One right gives one capability."""

    capability: str
    right: Thing
    level: str = ""
    exempt: bool = False

    def text(self) -> str:
        kind = {"role": "roles", "client-role": "client_roles", "client-scope": "scopes"}[self.right[0]]
        level = f", level: {self.level}" if self.level else ""
        exempt = ", exempt: true" if self.exempt else ""
        return f'  - {{{kind}: ["{self.right[1]}"], gives: ["{self.capability}"]{level}{exempt}}}'


@dataclass(frozen=True)
class Drawn:
    """Roles with what they include, groups with their roles, a client with a scope, and what rights give.

    `tag` is the role that the scope is limited to, "" for a scope that everybody gets, None for no client.
    """

    roles: frozenset[str]
    includes: frozenset[tuple[str, str]]
    groups: frozenset[tuple[str, str]]
    tag: str | None
    gives: frozenset[Given]

    def text(self, version: str) -> str:
        """Return it as somebody writes it down."""
        names = ", ".join(f"{{value: {one}, label: {one}}}" for one in (NOBODY, *sorted(self.roles)))
        return "\n".join((HEAD.format(version=version, choices=names), *self._parts()))

    def _parts(self) -> Iterator[str]:
        yield "roles:"
        for role in sorted(self.roles):
            inner = [one for outer, one in sorted(self.includes) if outer == role and one in self.roles]
            yield f"  - {{name: {role}, description: From the blueprint, includes: [{', '.join(inner)}]}}"
        groups = [one for one in sorted(self.groups) if one[1] in self.roles]
        if groups:
            yield "groups:"
            yield from (f"  - {{path: {path}, roles: [{role}]}}" for path, role in groups)
        if self.tag is not None:
            limited = f", roles: [{self.tag}]" if self._tag_role else ""
            yield f"scopes: [{{name: tag{limited}}}]"
            yield "clients:"
            yield "  - id: app"
            yield "    settings: {standard_flow: false, service_accounts: true}"
            yield "    roles: [{name: boss}]"
            yield "    default_scopes: [tag]"
        yield "grants:"
        yield from (one.text() for one in sorted(self.gives) if self._has(one.right))
        yield from (
            f'  - {{roles: [{role}], gives: ["shop:second"], when: second is {role}}}'
            for role in sorted(self.roles)
        )

    @property
    def _tag_role(self) -> str:
        return self.tag if self.tag in self.roles else ""  # type: ignore[return-value]

    def _has(self, right: Thing) -> bool:
        return right[1] in self.roles if right[0] == "role" else self.tag is not None

    def answer(
        self,
        asked: tuple[str, str],
        parameters: Mapping[str, Any],
        rights: Collection[Thing],
        owns: Collection[str],
    ) -> tuple[bool, str]:
        """Return whether somebody with these rights may, and at which level."""
        capability, resource = asked
        if capability == "shop:second":
            return ("role", parameters["second"]) in rights, ""
        is_met = not parameters["enforced"] or _is_entitled(capability, resource, rights, owns)
        holding = [
            one
            for one in self.gives
            if one.capability == capability
            and self._has(one.right)
            and one.right in rights
            and (is_met or one.exempt)
        ]
        levels = {one.level for one in holding}
        return bool(holding), next((one for one in reversed(LEVELS) if one in levels), "")


def _is_entitled(capability: str, resource: str, rights: Collection[Thing], owns: Collection[str]) -> bool:
    if not resource or (capability == "shop:open" and resource in owns):
        return True
    return any(("entitlement", f"{resource}:{level}") in rights for level in ENOUGH[capability])


GIVEN = [
    *(Given("shop:open", ("role", role)) for role in ROLES),
    *(Given("shop:change", ("role", role)) for role in ROLES),
    Given("shop:open", ("role", "r4"), exempt=True),
    Given("shop:change", ("role", "r0"), exempt=True),
    *(Given("shop:use", ("role", role), level="low") for role in ROLES),
    Given("shop:use", ("role", "r1"), level="high"),
    Given("shop:use", ("client-role", "app/boss"), level="high"),
    Given("shop:use", ("client-scope", "app/tag"), level="low"),
    Given("shop:open", ("client-scope", "app/tag")),
]
blueprints = st.builds(
    Drawn,
    roles=st.frozensets(st.sampled_from(ROLES), min_size=1),
    includes=st.frozensets(
        st.sampled_from([(a, b) for a in ROLES for b in ROLES if a < b]),
        max_size=4,
    ),
    groups=st.frozensets(st.sampled_from([("a", "r1"), ("e", "r0"), ("e", "r3"), ("x", "r2")]), max_size=2),
    tag=st.sampled_from([None, "", "r1", "r3"]),
    gives=st.frozensets(st.sampled_from(GIVEN), max_size=7),
)
