"""A small platform of our own for tests, in two versions."""

FIRST = """
blueprint: shop
version: "1"
name: Shop
summary: A shop with workspaces, for tests.
parameters:
  - name: realm
    label: Realm
    required: true
    example: shop
    pattern: "[a-z0-9][a-z0-9-]{0,62}"
    pattern_says: Small letters, digits and hyphens.
    fixed: true
  - name: second_auditor
    label: Second auditing role
    type: choice
    default: none
    choices:
      - {value: none, label: Nobody}
      - {value: clerk, label: Clerk}
    note: auditing
  - name: mail_password
    label: Mail password
    type: secret
    advanced: true
notes:
  - key: auditing
    title: Who sees the audit
    says: ["The table has two marks and names one role."]
    reading: Nobody besides the manager.
realm:
  name: ${realm}
  settings: {display_name: The shop, access_token_lifespan: 600}
roles:
  - {name: clerk, title: Clerk, description: Sells things}
  - {name: manager, title: Manager, description: Runs the shop, includes: [clerk]}
  - {name: packer, title: Packer, description: Packs things}
groups:
  - {path: staff, description: Everybody who works here, roles: [clerk]}
scopes:
  - name: till
    settings: {description: The till}
clients:
  - id: cashdesk
    title: Cash desk
    settings: {redirect_uris: ["https://shop.example.org/callback"]}
services:
  - key: shop
    name: Shop
    short: Shop
    capabilities:
      - {key: sell, name: Sell things, short: Sell}
      - {key: audit, name: See the audit, short: Audit, notes: [auditing]}
grants:
  - {roles: [clerk], gives: ["shop:sell"]}
  - {roles: [manager], gives: ["shop:audit"]}
  - {roles: [clerk], gives: ["shop:audit"], when: second_auditor is clerk, notes: [auditing]}
families:
  - key: stall
    name: Stall
    given: "stall:<profile>"
    made_with_person: true
    sets_off: Somebody builds a stall.
    left_behind: Its other roles stay until they are deleted.
    roles:
      - {pattern: "stall:<profile>", title: Stall, includes: ["stall:edit:<profile>", "stall:view:<profile>"]}
      - {pattern: "stall:edit:<profile>", title: Sell there}
      - {pattern: "stall:view:<profile>", title: Look at it}
"""

SECOND = (
    FIRST.replace('version: "1"', 'version: "2"')
    .replace("Sells things", "Sells and advises")
    .replace("  - {name: packer, title: Packer, description: Packs things}\n", "")
    .replace(
        "description: Runs the shop, includes: [clerk]}",
        "description: Runs the shop, includes: [clerk]}\n  - {name: porter, title: Porter}",
    )
    .replace("access_token_lifespan: 600", "access_token_lifespan: 900")
    .replace(
        'redirect_uris: ["https://shop.example.org/callback"]',
        'redirect_uris: ["https://shop.example.org/callback", "https://new.example.org/callback"]',
    )
)
