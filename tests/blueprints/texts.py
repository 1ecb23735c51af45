# ruff: noqa: E501 - YAML, one thing a line
"""A small blueprint that is right, to be spoilt by tests in one place at a time."""

SMALL = """\
blueprint: small
version: "1"
name: Small
summary: A small platform for tests.

parameters:
  - {name: workspace, label: Workspace, required: true, example: acme, pattern: "[a-z-]+"}
  - {name: reading, label: Reading, type: choice, default: wide, choices: [{value: wide, label: Wide}, {value: narrow, label: Narrow}], note: doubt}
  - {name: lifespan, label: Lifespan, type: number, default: 300, minimum: 60, maximum: 86400}
  - {name: more, label: More roles, type: texts, example: [helper]}
  - {name: host, label: Mail server, example: smtp.example.org}
  - {name: password, label: Password, type: secret, when: host is set}
  - {name: enforced, label: Enforced, type: yes-no, default: true}

notes:
  - {key: doubt, title: A doubt, says: ["one", "other"], reading: The wide one.}

realm:
  name: realm-${workspace}
  settings:
    access_token_lifespan: ${lifespan}
    verify_email: ${host is set}
    smtp:
      choose:
        - when: host is set
          value: {host: "${host}", port: 25}
  secrets:
    smtp_password: ${password}

user_profile:
  attributes:
    - {name: badge, settings: {view: [admin], edit: [admin]}}

required_actions:
  - {alias: CONFIGURE_TOTP, settings: {default_action: true}}

roles:
  - {name: boss, title: Boss, includes: [helper-of-boss], includes_client_roles: [realm-management/view-users]}
  - {name: helper-of-boss, description: Helps}
  - {name: "${each}", for_each: more}

groups:
  - {path: staff, roles: [boss], client_roles: [app/reader], for_everybody: true}
  - {path: staff/eng, roles: ["${more}"]}

scopes:
  - name: app.read:*/*
    settings: {in_token: true}
    roles: [boss]
    mappers: [{name: audience, type: oidc-audience-mapper, config: {included.custom.audience: app, access.token.claim: true}}]

clients:
  - id: app
    title: The app
    settings: {redirect_uris: ["https://app.example.org/back"], service_accounts: true}
    roles: [{name: reader, description: Reads}]
    mappers: [{name: roles, type: oidc-usermodel-realm-role-mapper, config: {claim.name: roles}}]
    default_scopes: ["app.read:*/*"]
    optional_scopes: [phone]
    service_roles: [helper-of-boss]
    secret: {variable: APP_SECRET, containers: [app]}

things:
  - {kind: identity-provider, path: [partner], settings: {provider: oidc, config: {clientId: us}}}

protected_roles: [boss]

entitlements:
  enforced: ${enforced}
  types:
    - {name: package, levels: [READ, WRITE]}
  resources:
    - {type: package, name: demo}
  named:
    - {name: demo-ro, type: package, resource: demo, level: READ}

families:
  - key: workspace
    name: Workspace
    roles:
      - {pattern: "ws:<profile>", title: All, includes: ["ws:view:<profile>"]}
      - {pattern: "ws:view:<profile>", title: View}
    given: ws:<profile>
    resource: workspace

services:
  - key: app
    name: The app
    short: App
    capabilities:
      - {key: open, name: Open a package, short: Open, resource: package, needs: {any: [{entitled: package, level: READ}, owner]}, actions: [read]}
      - {key: use, name: Use it, short: Use, levels: [low, high], notes: [doubt], reading: ambiguous}
      - {key: reach, name: Reach a workspace, short: Reach, resource: workspace}

grants:
  - {roles: [boss], gives: ["app:open"], exempt: true}
  - {roles: [helper-of-boss], gives: ["app:open"], needs: {property: resource.properties.status, operator: is not, value: closed}}
  - {roles: [boss], gives: ["app:use"], level: high, when: reading is wide}
  - {client_roles: [app/reader], gives: ["app:use"], level: low}
  - {scopes: ["app/app.read:*/*"], gives: ["app:use"], level: low}
  - {roles: ["ws:view:<profile>"], gives: ["app:reach"], resource: <profile>}

looks_like: {boss-admin: boss}
"""
