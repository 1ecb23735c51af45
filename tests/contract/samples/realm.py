"""Samples of the realm itself, its user profile and its required actions."""

from typing import Any

from console.engine.state import Kind
from tests.contract.samples.sample import Sample, each, thing
from tests.keycloak.world import World, at

# A value of each setting that no fresh realm has.
CHANGED: dict[str, Any] = {
    "display_name": "Acme",
    "enabled": False,
    "login_with_email": False,
    "registration_allowed": True,
    "registration_email_as_username": True,
    "edit_username_allowed": True,
    "reset_password_allowed": True,
    "remember_me": True,
    "verify_email": True,
    "duplicate_emails_allowed": True,
    "user_managed_access": True,
    "organizations_enabled": True,
    "ssl_required": "all",
    "password_policy": "length(12) and digits(1)",
    "default_signature_algorithm": "ES256",
    "access_token_lifespan": 61,
    "access_token_lifespan_implicit": 62,
    "sso_session_idle": 630,
    "sso_session_max": 640,
    "sso_session_idle_remember_me": 650,
    "sso_session_max_remember_me": 660,
    "client_session_idle": 67,
    "client_session_max": 68,
    "offline_session_idle": 690,
    "offline_session_max_enabled": True,
    "offline_session_max": 700,
    "access_code_lifespan": 71,
    "access_code_lifespan_login": 72,
    "access_code_lifespan_user_action": 73,
    "action_token_admin": 74,
    "action_token_user": 75,
    "revoke_refresh_token": True,
    "refresh_token_max_reuse": 2,
    "brute_force_protected": True,
    "permanent_lockout": True,
    "failure_factor": 5,
    "wait_increment": 76,
    "max_failure_wait": 77,
    "max_delta_time": 78,
    "quick_login_check": 79,
    "minimum_quick_login_wait": 80,
    "events_enabled": True,
    "events_expiration": 81,
    "admin_events_enabled": True,
    "admin_events_details": True,
    "event_listeners": ["email", "jboss-logging"],
    "login_theme": "keycloak",
    "account_theme": "keycloak.v3",
    "admin_theme": "keycloak.v2",
    "email_theme": "keycloak",
    "internationalization": True,
    "supported_locales": ["de", "en"],
    "default_locale": "de",
}
# Keycloak has one of these at a time: switched on, it switches the others off without a word.
ALONE = {"duplicate_emails_allowed": True, "login_with_email": False, "registration_email_as_username": False}
FRESH = {
    "default_signature_algorithm": "RS256",
    "browser_flow": "browser",
    "direct_grant_flow": "direct grant",
    "registration_flow": "registration",
    "reset_credentials_flow": "reset credentials",
    "client_authentication_flow": "clients",
    "first_broker_login_flow": "first broker login",
}
FLOWS = {
    "browser_flow": "direct grant",
    "direct_grant_flow": "browser",
    "registration_flow": "browser",
    "reset_credentials_flow": "browser",
    "client_authentication_flow": "docker auth",
    "first_broker_login_flow": "browser",
}
MAPS = {
    "smtp": {"host": "mail.example.org", "from": "a@example.org"},
    "security_headers": {"xFrameOptions": "DENY"},
    "attributes": {"frontendUrl": "https://sso.example.org"},
}


def _plant_realm(world: World) -> None:
    theirs = {"theirs": "1"}
    found = world.get()
    world.put(
        json={
            "realm": world.name,
            "otpPolicyDigits": 8,
            "attributes": found["attributes"] | theirs,
            "browserSecurityHeaders": found["browserSecurityHeaders"] | theirs,
        }
    )


def _attribute(world: World) -> None:
    whole = world.get("users", "profile")
    whole["attributes"].append({"name": "tried", "displayName": "A stranger's"})
    world.put("users", "profile", json=whole)


def _plant_attribute(world: World) -> None:
    whole = world.get("users", "profile")
    (found,) = [one for one in whole["attributes"] if one["name"] == "tried"]
    found |= {"annotations": {"inputType": "text"}, "selector": {"scopes": ["email"]}}
    whole["attributes"].append({"name": "theirs", "validations": {"length": {"max": 5}}})
    world.put("users", "profile", json=whole)


def _plant_profile(world: World) -> None:
    whole = world.get("users", "profile")
    whole["groups"].append({"name": "theirs"})
    world.put("users", "profile", json=whole)


def _plant_action(world: World) -> None:
    place = ("authentication", "required-actions", "UPDATE_PASSWORD")
    world.put(*place, json=world.get(*place) | {"config": {"max_auth_age": "77"}})


SAMPLES = (
    Sample(
        address=at(Kind.REALM),
        fields=FRESH | {"event_listeners": ["jboss-logging"]},
        changes=(
            *each(**{name: value for name, value in CHANGED.items() if name not in ALONE}),
            {"registration_email_as_username": True},
            ALONE,
            *each(**FLOWS),
            *each(**MAPS),
            *each(attributes={"frontendUrl": ""}, smtp={"from": "b@example.org", "host": "b.example.org"}),
        ),
        plant=_plant_realm,
    ),
    Sample(
        address=at(Kind.USER_PROFILE),
        changes=each(unmanaged_attributes="ADMIN_VIEW"),
        plant=_plant_profile,
    ),
    Sample(
        address=at(Kind.PROFILE_ATTRIBUTE, "tried"),
        fields={"view": ["admin"], "edit": ["admin"]},
        changes=each(
            multivalued=True,
            view=["admin", "user"],
            edit=["user"],
            display_name="Tried",
            required=["user"],
            validations={"length": {"max": "20"}, "options": {"options": ["a", "b"]}},
            group="user-metadata",
        ),
        beside=(thing(Kind.PROFILE_ATTRIBUTE, "beside", view=["admin"], edit=["admin"]),),
        stranger=_attribute,
        plant=_plant_attribute,
    ),
    Sample(
        address=at(Kind.REQUIRED_ACTION, "UPDATE_PASSWORD"),
        fields={"name": "Update Password", "priority": 57},
        changes=each(name="New password", enabled=False, default_action=True, priority=7),
        plant=_plant_action,
    ),
)
