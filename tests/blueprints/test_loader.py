# ruff: noqa: E501 - a line of the table for each fault
"""Every fault of a blueprint, with its line and its reason; and that all of them come at once."""

import pytest

from console.blueprints.expand import expand
from console.blueprints.loader import load
from console.blueprints.model import Fault, Invalid
from console.engine.kinds import KINDS
from tests.blueprints.texts import SMALL


def faults(text: str) -> tuple[Fault, ...]:
    with pytest.raises(Invalid) as caught:
        load(text)
    return caught.value.faults


def line_of(text: str, fragment: str) -> int:
    """Return the number of the only line that holds a fragment."""
    found = [number for number, line in enumerate(text.splitlines(), start=1) if fragment in line]
    assert len(found) == 1, (fragment, found)
    return found[0]


def spoilt(old: str, new: str) -> str:
    assert SMALL.count(old) == 1, old
    return SMALL.replace(old, new)


def test_the_small_one_is_right() -> None:
    blueprint = load(SMALL)

    assert (blueprint.key, blueprint.version) == ("small", "1")
    assert expand(blueprint, {"workspace": "acme"}).realm_name == "realm-acme"


# what is replaced, by what, where the fault stands, what it says
SPOILT = [
    # --- the schema
    ("name: Small\n", "nam: Small\n", "nam: Small", "There is no “nam” here. “name” may be meant."),
    ("summary: A small platform for tests.", 'summary: ""', "summary:", "This must not be empty."),
    ('version: "1"', "version: 1", "version:", "This must be a text."),
    ("blueprint: small", "blueprint: Small!", "blueprint:", "“Small!” is not allowed here. Small letters"),
    (
        "type: number, default: 300",
        "type: digits, default: 300",
        "name: lifespan",
        "This is one of: text, number",
    ),
    (
        "short: Use, levels",
        "short: A label that is much too long, levels",
        "key: use",
        "This has at most 22 characters.",
    ),
    ("resource: package, needs:", "resorce: package, needs:", "key: open", "“resource” may be meant."),
    ("for_everybody: true", "for_everybody: [true]", "path: staff,", "This must be true or false or a text."),
    ("levels: [READ, WRITE]", "levels: []", "name: package, levels", "There must be at least 1."),
    # --- parameters
    (
        "name: lifespan, label",
        "name: workspace, label",
        "label: Lifespan",
        "The parameter workspace stands twice.",
    ),
    ("name: lifespan, label", "name: each, label", "name: each", "each is the name of the repeated value"),
    ('pattern: "[a-z-]+"', 'pattern: "[a-z"', "name: workspace", "This is no regular expression"),
    ('pattern: "[a-z-]+"', 'pattern: "([a-z]+)+"', "name: workspace", "can take for ever"),
    ('pattern: "[a-z-]+"', 'pattern: "(ab|a)+"', "name: workspace", "can take for ever"),
    ('pattern: "[a-z-]+"', 'pattern: "[a-z]*[a-z]*[a-z]*[a-z]*!"', "name: workspace", "can take for ever"),
    ('pattern: "[a-z-]+"', 'pattern: "(a?){60}a{60}b"', "name: workspace", "can take for ever"),
    ('pattern: "[a-z-]+"', 'pattern: "[A-Z]+"', "name: workspace", "This must fit [A-Z]+"),
    (
        "required: true, example: acme,",
        "required: true,",
        "name: workspace",
        "What is required needs a default or an example",
    ),
    ("default: wide, choices", "default: broad, choices", "name: reading", "This is one of: wide, narrow."),
    ("default: 300, minimum: 60", "default: 30, minimum: 60", "name: lifespan", "This is from 60 to 86400."),
    ("default: 300, minimum", 'default: "300", minimum', "name: lifespan", "This must be a whole number."),
    ("type: texts, example: [helper]", "type: texts, example: helper", "name: more", "This must be a list."),
    ("type: secret, when", "type: secret, default: x, when", "name: password", "A secret has no default"),
    ("when: host is set}", "when: hosts is set}", "name: password", "There is no parameter hosts."),
    ("when: host is set}", "when: enforced}", "name: password", "Only parameters above this one"),
    (
        "label: Mail server, example",
        "label: Mail server, choices: [{value: a, label: A}, {value: b, label: B}], example",
        "name: host",
        "A parameter of type choice has choices",
    ),
    ("note: doubt}", "note: doubts}", "name: reading", "There is no note “doubts”."),
    # --- placeholders and conditions
    (
        "name: realm-${workspace}",
        "name: realm-${workspac}",
        "name: realm-",
        "There is no parameter workspac.",
    ),
    (
        "name: realm-${workspace}",
        "name: realm-${workspace",
        "name: realm-",
        "A placeholder has no name or no end.",
    ),
    ("name: realm-${workspace}", "name: realm-${}", "name: realm-", "A placeholder has no name or no end."),
    (
        "name: realm-${workspace}",
        "name: realm-${more}",
        "name: realm-",
        "more is a list: it cannot stand inside a text.",
    ),
    ("name: realm-${workspace}", "name: ${lifespan}", "name: ${lifespan}", "lifespan is no text"),
    ("name: realm-${workspace}", "name: ${host is set}", "name: ${host", "A condition is yes or no"),
    ("name: realm-${workspace}", "name: realm-${password}", "name: realm-", "password is a secret"),
    (
        "verify_email: ${host is set}",
        "verify_email: ${host was set}",
        "verify_email",
        "“host was set” is no condition.",
    ),
    (
        "smtp_password: ${password}",
        "smtp_password: hunter2",
        "smtp_password",
        "A secret is `${name}` of a parameter",
    ),
    (
        "smtp_password: ${password}",
        "smtp_password: ${host}",
        "smtp_password",
        "A secret is `${name}` of a parameter",
    ),
    (
        "when: reading is wide}",
        "when: reading is broad}",
        "when: reading is broad",
        "reading is never “broad”: it is one of narrow, wide.",
    ),
    (
        "when: reading is wide}",
        "when: reading is above 3}",
        "when: reading is above",
        "reading is no number.",
    ),
    ("when: reading is wide}", "when: perhaps so}", "when: perhaps so", "“perhaps so” is no condition."),
    ("for_each: more}", "for_each: host}", "for_each: host", "host is no list"),
    ("for_each: more}", "for_each: less}", "for_each: less", "There is no parameter less."),
    # --- the realm
    ("name: realm-${workspace}", "name: master", "name: master", "The realm master is Keycloak's own."),
    ("name: realm-${workspace}", "name: a b", "name: a b", "“a b” is no name of a realm"),
    (
        "access_token_lifespan: ${lifespan}",
        "access_token_livespan: ${lifespan}",
        "livespan",
        "“access_token_lifespan” may be meant.",
    ),
    (
        "access_token_lifespan: ${lifespan}",
        "access_token_lifespan: ${host}",
        "access_token_lifespan",
        "This must be a whole number",
    ),
    ("verify_email: ${host is set}", "verify_email: maybe", "verify_email", "This must be true or false."),
    ("{view: [admin], edit: [admin]}", "{view: admin}", "name: badge", "This must be a list of texts."),
    ("name: badge", "name: entitlements", "name: entitlements", "the console makes it itself"),
    (
        "description: Helps}",
        "description: Helps}\n  - {name: boss}",
        "title: Boss",
        'Role "boss" stands twice.',
    ),
    (
        "description: Helps}",
        "description: Helps}\n  - {name: offline_access}",
        "offline_access",
        "is Keycloak's own",
    ),
    (
        "description: Helps}",
        "description: Helps}\n  - {name: default-roles-x}",
        "default-roles-x",
        "is Keycloak's own",
    ),
    ("description: Helps}", "description: Helps}\n  - {name: a/b}", "name: a/b", "cannot hold a slash"),
    (
        "description: Helps}",
        "description: Helps}\n  - {name: ..}",
        "name: ..",
        "A name cannot be “.” or “..”.",
    ),
    ("description: Helps}", 'description: Helps}\n  - {name: "<b>"}', "<b>", "cannot hold < >"),
    (
        "description: Helps}",
        "description: Helps, includes: [boss]}",
        "description: Helps",
        "These roles include each other: ",
    ),
    (
        "includes: [helper-of-boss],",
        "includes: [nobody],",
        "title: Boss",
        'There is no role "nobody" in this blueprint.',
    ),
    (
        "[realm-management/view-users]",
        "[realm-management/view-user]",
        "title: Boss",
        "There is no client role",
    ),
    (
        "[realm-management/view-users]",
        "[view-users]",
        "title: Boss",
        "This is no role of a client: write `client/role`.",
    ),
    ("path: staff/eng", "path: other/eng", "other/eng", 'There is no group "other" in this blueprint.'),
    (
        "roles: [boss]\n    mappers",
        "roles: [nobody]\n    mappers",
        "roles: [nobody]",
        'There is no role "nobody"',
    ),
    ("- id: app\n", "- id: account\n", "id: account", "is Keycloak's own: it is never made or changed."),
    ("https://app.example.org/back", "javascript:alert(1)", "javascript", "is a script, not an address"),
    ("https://app.example.org/back", "*", "redirect_uris", "* is open: it fits every address."),
    (
        "https://app.example.org/back",
        "https://*.example.org/back",
        "redirect_uris",
        "is open: it also fits other hosts",
    ),
    ("https://app.example.org/back", "http://app.example.org/back", "redirect_uris", "travel unencrypted"),
    (
        "service_accounts: true}",
        'service_accounts: true, web_origins: ["*"]}',
        "redirect_uris",
        "pages of every origin may ask",
    ),
    (
        "service_accounts: true}",
        "service_accounts: true, public: true}",
        "redirect_uris",
        "A public client has no service account.",
    ),
    ("service_accounts: true}", "service_accounts: false}", "service_roles", "Its service account is off"),
    (
        "optional_scopes: [phone]",
        'optional_scopes: ["app.read:*/*"]',
        "optional_scopes",
        "is a default scope already",
    ),
    (
        "optional_scopes: [phone]",
        "optional_scopes: [fax]",
        "optional_scopes",
        'There is no client scope "fax"',
    ),
    ("title: The app", "title: The app\n    open: nowhere", "open: nowhere", "There is no note “nowhere”."),
    (
        "kind: identity-provider, path: [partner]",
        "kind: identity-providers, path: [partner]",
        "path: [partner]",
        "is no kind that can stand here",
    ),
    (
        "path: [partner], settings",
        "path: [partner, more], settings",
        "path: [partner",
        "its path has 1 names, not 2.",
    ),
    (
        "config: {clientId: us}",
        "config: {clientId: us, clientSecret: hunter2}",
        "clientId: us",
        "clientSecret is a secret",
    ),
    ("config: {clientId: us}", 'config: {clientId: "****"}', "clientId", "Only asterisks"),
    (
        "config: {clientId: us}}}",
        'config: {clientId: us}}, secrets: {key: "${password}"}}',
        "clientId: us",
        "There is no secret “key” of identity providers.",
    ),
    (
        "config: {clientId: us}}}",
        "config: {clientId: us}}}\n  - {kind: identity-provider-mapper, path: [partner, all], settings: {type: oidc-role-idp-mapper, config: {role: boss}}}",
        "kind: identity-provider-mapper",
        "It would make people of another server boss here",
    ),
    (
        "protected_roles: [boss]",
        "protected_roles: [bosses]",
        "protected_roles",
        'There is no role "bosses" in this blueprint.',
    ),
    (
        "config: {clientId: us}}}",
        "config: {clientId: us}}}\n  - {kind: person, path: [Ann]}",
        "path: [Ann]",
        "in small letters: “ann”.",
    ),
    # --- rights
    (
        "type: package, name: demo}",
        "type: packages, name: demo}",
        "type: packages",
        "There is no type of entitlement “packages”.",
    ),
    (
        "resource: demo, level: READ",
        "resource: demo, level: OWN",
        "name: demo-ro",
        "package has no level “OWN”.",
    ),
    (
        "resource: demo, level: READ",
        "resource: other, level: READ",
        "name: demo-ro",
        "There is no package “other” among the resources.",
    ),
    ("levels: [READ, WRITE]", "levels: [READ, READ]", "name: package, levels", "A level stands twice."),
    ("enforced: ${enforced}", "enforced: ${host}", "enforced: ${host}", "This must be true or false."),
    ("given: ws:<profile>", "given: ws:<other>", "given: ws", "“ws:<other>” is no role of this family."),
    (
        'pattern: "ws:view:<profile>"',
        'pattern: "ws:view"',
        "title: View",
        "“ws:view” must hold one <parameter>.",
    ),
    ('pattern: "ws:view:<profile>"', 'pattern: "ws:<a>:<b>"', "title: View", "must hold one <parameter>."),
    (
        "title: View}",
        'title: View, includes: ["ws:<profile>"]}',
        "title: View",
        "These roles include each other: ",
    ),
    ("key: use, name: Use it", "key: open, name: Use it", "name: Use it", "“open” stands twice."),
    (
        "reading: ambiguous}",
        "reading: ambiguous, actions: [x]}\n      - {key: other, name: O, short: O, actions: [x]}",
        "key: other",
        "Another capability of this type answers to “x”.",
    ),
    (
        "notes: [doubt], reading: ambiguous",
        "reading: ambiguous",
        "key: use",
        "What is not certain carries the note",
    ),
    (
        "notes: [doubt], reading: ambiguous",
        "notes: [doubts], reading: ambiguous",
        "key: use",
        "There is no note “doubts”.",
    ),
    (
        "level: READ}, owner]",
        "level: SEE}, owner]",
        "key: open",
        "package has no level “SEE”. It has: READ, WRITE.",
    ),
    (
        "{entitled: package, level: READ}, owner]",
        "{entitled: box, level: READ}, owner]",
        "key: open",
        "There is no type of entitlement “box”.",
    ),
    (
        "{entitled: package, level: READ}, owner]",
        "{entitled: package}, owner]",
        "key: open",
        "This is no need.",
    ),
    ("{entitled: package, level: READ}, owner]", "owners, owner]", "key: open", "This is no need."),
    (
        "levels: [low, high], notes",
        "levels: [low, high], needs: owner, notes",
        "key: use",
        "acts on no resource that one could own",
    ),
    (
        "short: Reach, resource: workspace",
        "short: Reach, resource: workspace, needs: {entitled: package, level: READ}",
        "key: reach",
        "This capability acts on workspace, and the entitlement is to package.",
    ),
    (
        "property: resource.properties.status",
        "property: status",
        "property: status",
        "A property begins with subject., resource.",
    ),
    (
        "operator: is not, value: closed",
        "operator: in, value: closed",
        "operator: in",
        "With `in` the value is a list.",
    ),
    (
        "operator: is not, value: closed",
        "operator: same as, value: closed",
        "same as",
        "A property begins with subject., resource.",
    ),
    (
        'roles: [boss], gives: ["app:open"], exempt',
        'roles: [nobody], gives: ["app:open"], exempt',
        "exempt: true",
        "There is no role “nobody” in this blueprint.",
    ),
    (
        'roles: [boss], gives: ["app:open"], exempt',
        'roles: [bos], gives: ["app:open"], exempt',
        "exempt: true",
        "There is no role “bos” in this blueprint.",
    ),
    (
        'roles: [boss], gives: ["app:open"], exempt',
        'gives: ["app:open"], exempt',
        "exempt: true",
        "A grant names at least one of roles, client_roles and scopes.",
    ),
    (
        'gives: ["app:open"], exempt',
        'gives: ["app:opens"], exempt',
        "exempt: true",
        "There is no capability “app:opens”.",
    ),
    (
        "level: high, when",
        "level: highest, when",
        "when: reading is wide",
        "app:use has no level “highest”. It has: low, high.",
    ),
    (
        "level: high, when",
        "when",
        "when: reading is wide",
        "app:use is held at a level: name one of low, high in `level`.",
    ),
    (
        '["app:open"], exempt',
        '["app:open"], level: low, exempt',
        "exempt: true",
        "app:open has no level “low”. It is held or not.",
    ),
    (
        "client_roles: [app/reader], gives",
        "client_roles: [app/writer], gives",
        "app/writer",
        "There is no client role “app/writer” in this blueprint.",
    ),
    (
        'scopes: ["app/app.read:*/*"]',
        'scopes: ["app/app.read"]',
        "app/app.read",
        "There is no client with the client scope “app/app.read”",
    ),
    (
        'gives: ["app:reach"], resource: <profile>}',
        'gives: ["app:reach"]}',
        '"app:reach"',
        "names one <profile>: say `resource: <profile>`, or it would reach each of them.",
    ),
    (
        'roles: ["ws:view:<profile>"]',
        'roles: ["ws:edit:<profile>"]',
        "ws:edit",
        "There is no role “ws:edit:<profile>” in this blueprint.",
    ),
    ('roles: ["ws:view:<profile>"]', 'roles: ["ws:<a>:<b>"]', "ws:<a>", "holds more than one <parameter>."),
    (
        "exempt: true}",
        "exempt: true, resource: demo}",
        "exempt: true",
        "a resource can only be what the name of the right names.",
    ),
    (
        "{boss-admin: boss}",
        "{boss-admin: bosses}",
        "looks_like",
        "There is no role “bosses” in this blueprint.",
    ),
    ("{boss-admin: boss}", "{helper-of-boss: boss}", "looks_like", "it cannot stand for another."),
]


@pytest.mark.parametrize(("old", "new", "where", "reason"), SPOILT, ids=[one[3][:60] for one in SPOILT])
def test_a_fault_is_named_with_its_line_and_its_reason(old: str, new: str, where: str, reason: str) -> None:
    text = spoilt(old, new)

    found = faults(text)

    hits = [one for one in found if reason in one.reason]
    assert hits, found
    assert hits[0].line == line_of(text, where), hits
    assert hits[0].column >= 1
    assert hits[0].where


def test_all_faults_come_at_once_in_the_order_of_the_lines() -> None:
    text = SMALL
    for old, new in (
        ("summary: A small platform for tests.", "summary: ''"),
        ("verify_email: ${host is set}", "verify_email: ${hots is set}"),
        ("access_token_lifespan: ${lifespan}", "access_token_lifespan: long"),
        ("level: high, when", "level: highest, when"),
        ("https://app.example.org/back", "*"),
    ):
        text = text.replace(old, new)

    found = faults(text)

    assert [one.where for one in found] == [
        "summary",
        "realm.settings.access_token_lifespan",
        "realm.settings.verify_email",
        "clients[0].settings.redirect_uris",
        "grants[2].level",
    ]
    assert list(found) == sorted(found)


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("oidc-role-idp-mapper", "role: boss"),
        ("oidc-role-idp-mapper", "role: chief"),
        ("oidc-hardcoded-role-idp-mapper", "role: boss"),
        ("oidc-advanced-group-idp-mapper", "group: /staff"),
        ("oidc-advanced-group-idp-mapper", "group: /staff/eng"),
    ],
)
def test_no_way_from_an_identity_provider_leads_to_a_protected_role(kind: str, config: str) -> None:
    """C3: neither the role itself, nor one that includes it, nor a group that has it or stands in one."""
    settings = f"{{type: {kind}, config: {{{config}}}}}"
    mapper = f"  - {{kind: identity-provider-mapper, path: [partner, all], settings: {settings}}}\n"
    text = spoilt("protected_roles: [boss]", f"{mapper}\nprotected_roles: [boss]").replace(
        "description: Helps}\n", "description: Helps}\n  - {name: chief, includes: [boss]}\n"
    )

    (found,) = faults(text)

    assert found.line == line_of(text, "identity-provider-mapper")
    assert "It would make people of another server boss here" in found.reason


PATHS: tuple[list[str], ...] = ([], ["a"], ["a", "b"], ["a", "b", "c", "d", "e"])
WHOLE = ("directory", "identity-provider")  # these may be called "a"
KINDS_AND_PATHS = [(kind, path) for kind in KINDS for path in PATHS if kind not in WHOLE or len(path) != 1]


@pytest.mark.parametrize(("kind", "path"), KINDS_AND_PATHS)
def test_any_kind_with_any_path_is_judged(kind: str, path: list[str]) -> None:
    """Whatever the registry knows, and however many names stand there: faults, and no crash."""
    text = spoilt("{kind: identity-provider, path: [partner],", f"{{kind: {kind}, path: {path},")

    found = faults(text)

    assert any(one.where.startswith("things[0]") for one in found)


def test_an_open_address_is_taken_with_the_note_that_says_why() -> None:
    text = spoilt("https://app.example.org/back", "*").replace(
        "title: The app\n", "title: The app\n    open: doubt\n"
    )

    (reason,) = expand(load(text), {"workspace": "acme"}).reasons.values()

    assert reason.key == "doubt"


def test_a_fault_that_only_some_choice_has_is_found() -> None:
    """What stands behind a condition is tried with every choice."""
    text = spoilt(
        "looks_like:",
        '  - {roles: [nobody], gives: ["app:open"], when: reading is narrow}\n\nlooks_like:',
    )

    (found,) = faults(text)

    assert (found.line, found.reason) == (
        line_of(text, "roles: [nobody]"),
        "There is no role “nobody” in this blueprint.",
    )


def test_faults_read_as_lines() -> None:
    (found,) = faults(spoilt("name: realm-${workspace}", "name: master"))
    assert (
        str(found)
        == f"Line {line_of(SMALL, 'name: realm-')}: realm.name: The realm master is Keycloak's own."
    )
