"""The managed fields of each kind, with what each does to access.

Names and defaults follow Keycloak's representations:
https://www.keycloak.org/docs-api/latest/rest-api/index.html#_schemas
"""

from console.engine.fields import (
    FieldSpec,
    both_true,
    either_true,
    flag,
    listed,
    seconds,
    settings,
    text,
    unjudged,
)

_LOGIN = {
    "display_name": text("Display name"),
    "enabled": flag("Enabled", True, both_true, help="Nobody can sign in to a realm that is off."),
    "login_with_email": flag("Login with e-mail", True, both_true),
    "registration_allowed": flag("Self-registration", False, both_true, help="Anybody may make an account."),
    "registration_email_as_username": flag("E-mail as user name", False, unjudged),
    "edit_username_allowed": flag("People may change their user name", False, both_true),
    "reset_password_allowed": flag("Forgotten password", False, both_true),
    "remember_me": flag("Remember me", False, both_true),
    "verify_email": flag("Verify e-mail", False, either_true),
    "duplicate_emails_allowed": flag("Duplicate e-mails", False, both_true),
    "user_managed_access": flag("User-managed access", False, both_true),
    "organizations_enabled": flag(
        "Organizations", False, is_switch=True, help="Needed before an organization is made."
    ),
    "ssl_required": text(
        "HTTPS needed", default="external", between=unjudged, choices=("all", "external", "none")
    ),
    "password_policy": text(
        "Password policy", between=unjudged, help="As Keycloak writes it: length(12) and digits(1)."
    ),
    "default_signature_algorithm": text("Signature algorithm", between=unjudged),
}
_LIFESPANS = {
    "access_token_lifespan": seconds("Access token lifespan", 300),
    "access_token_lifespan_implicit": seconds("Access token lifespan, implicit flow", 900),
    "sso_session_idle": seconds("Session idle time", 1800),
    "sso_session_max": seconds("Session maximum", 36000),
    "sso_session_idle_remember_me": seconds("Session idle time with remember me", 0, unjudged),
    "sso_session_max_remember_me": seconds("Session maximum with remember me", 0, unjudged),
    "client_session_idle": seconds("Client session idle time", 0, unjudged, help="0: the realm's session."),
    "client_session_max": seconds("Client session maximum", 0, unjudged, help="0: the realm's session."),
    "offline_session_idle": seconds("Offline session idle time", 2_592_000),
    "offline_session_max_enabled": flag("Offline sessions end", False, either_true),
    "offline_session_max": seconds("Offline session maximum", 5_184_000),
    "access_code_lifespan": seconds("Login code lifespan", 60),
    "access_code_lifespan_login": seconds("Login time-out", 1800),
    "access_code_lifespan_user_action": seconds("Login action time-out", 300),
    "action_token_admin": seconds("Lifespan of links that administrators send", 43200),
    "action_token_user": seconds("Lifespan of links that people ask for", 300),
    "revoke_refresh_token": flag("Refresh tokens are used once", False, either_true),
    "refresh_token_max_reuse": FieldSpec("Reuse of refresh tokens", 0, min),
}
_BRUTE_FORCE = {
    "brute_force_protected": flag("Brute-force protection", False, either_true),
    "permanent_lockout": flag("Permanent lockout", False, either_true),
    "failure_factor": FieldSpec("Failures before a wait", 30, min),
    "wait_increment": seconds("Wait increment", 60, max),
    "max_failure_wait": seconds("Longest wait", 900, max),
    "max_delta_time": seconds("Failures are forgotten after", 43200, max),
    "quick_login_check": FieldSpec("Quick login check", 1000, max, unit="milliseconds"),
    "minimum_quick_login_wait": seconds("Wait after a quick login", 60, max),
}
_EVENTS = {
    "events_enabled": flag("Save login events", False, either_true),
    "events_expiration": seconds("Login events are kept for", 0, unjudged, help="0: for ever."),
    "admin_events_enabled": flag(
        "Save admin events", False, either_true, help="Needed to tell who changed something in Keycloak."
    ),
    "admin_events_details": flag("Save what admin events changed", False, either_true),
    "event_listeners": listed("Event listeners", between=unjudged),
}
_LOOKS = {
    "login_theme": text("Login theme"),
    "account_theme": text("Account theme"),
    "admin_theme": text("Admin theme"),
    "email_theme": text("E-mail theme"),
    "internationalization": flag("Several languages", False),
    "supported_locales": listed("Languages", between=None),
    "default_locale": text("Default language"),
}
_FLOWS = {
    "browser_flow": text("Browser flow", between=unjudged, is_needed=True),
    "direct_grant_flow": text("Direct grant flow", between=unjudged, is_needed=True),
    "registration_flow": text("Registration flow", between=unjudged, is_needed=True),
    "reset_credentials_flow": text("Reset credentials flow", between=unjudged, is_needed=True),
    "client_authentication_flow": text("Client authentication flow", between=unjudged, is_needed=True),
    "first_broker_login_flow": text("First broker login flow", between=unjudged, is_needed=True),
}
_REST = {
    "smtp": settings("Outgoing mail", help="host, port, from, … The password is not among them."),
    "security_headers": settings("Security headers"),
    "attributes": settings("Attributes", help="frontendUrl, for example."),
}
REALM_FIELDS = _LOGIN | _LIFESPANS | _BRUTE_FORCE | _EVENTS | _LOOKS | _FLOWS | _REST

PERSON_FIELDS = {
    "email": text("E-mail"),
    "first_name": text("First name"),
    "last_name": text("Last name"),
    "enabled": flag("Enabled", True, both_true),
}
USER_PROFILE_FIELDS = {
    "unmanaged_attributes": text(
        "Attributes that nobody declared",
        between=unjudged,
        choices=("", "ENABLED", "ADMIN_VIEW", "ADMIN_EDIT"),
        help="Empty: refused, Keycloak's default.",
    )
}
PROFILE_FIELDS = {
    "multivalued": flag("Several values", False),
    "view": listed("Who may see it", help="admin, user"),
    "edit": listed("Who may change it", help="admin, user"),
    "display_name": text("Display name"),
    "required": listed("Who must fill it in", between=None, help="admin, user; empty: nobody"),
    "validations": FieldSpec("Validations", {}),
    "group": text("Group of attributes"),
}
REQUIRED_ACTION_FIELDS = {
    "name": text("Name"),
    "enabled": flag("Enabled", True),
    "default_action": flag("Asked of everybody who is new", False),
    "priority": FieldSpec("Priority", 0),
}
MAPPER_FIELDS = {"type": text("Type", between=unjudged), "config": FieldSpec("Settings", {}, unjudged)}
SCOPE_FIELDS = {
    "description": text("Description"),
    "protocol": text(
        "Protocol", default="openid-connect", between=unjudged, choices=("openid-connect", "saml")
    ),
    "in_token": flag("Stands in the token's scope", True),
    "on_consent_screen": flag("Shown when consent is asked", True),
    "consent_text": text("Text when consent is asked"),
    "attributes": settings("Attributes"),
}
DESCRIPTION = {"description": text("Description")}
CLIENT_FIELDS = {
    "name": text("Name"),
    "description": text("Description"),
    "enabled": flag("Enabled", True, both_true),
    "protocol": text(
        "Protocol", default="openid-connect", between=unjudged, choices=("openid-connect", "saml")
    ),
    "public": flag("Public", False, unjudged, help="It has no secret: an app in the browser or on a phone."),
    "redirect_uris": listed("Redirect URIs", help="One a line, exact. A wildcard lets codes go elsewhere."),
    "web_origins": listed("Web origins", help="One a line; + stands for the redirect URIs' origins."),
    "post_logout_redirect_uris": listed("Redirect URIs after logout"),
    "root_url": text("Root URL", between=unjudged),
    "base_url": text("Home URL"),
    "admin_url": text("Admin URL", between=unjudged),
    "standard_flow": flag("Standard flow", True, both_true),
    "implicit_flow": flag("Implicit flow", False, both_true),
    "direct_access_grants": flag("Direct access grants", False, both_true),
    "service_accounts": flag("Service account", False, both_true),
    "device_flow": flag("Device flow", False, both_true),
    "full_scope_allowed": flag(
        "Full scope",
        True,
        both_true,
        help="All roles of a person stand in its tokens, not only the allowed ones.",
    ),
    "consent_required": flag("Consent is asked", False, either_true),
    "pkce_method": text("PKCE", between=unjudged, choices=("", "S256", "plain")),
    "authenticator": text("Client authentication", default="client-secret", between=unjudged),
    "access_token_lifespan": seconds("Access token lifespan", 0, unjudged, help="0: the realm's."),
    "lightweight_token": flag("Lightweight access tokens", False),
    "frontchannel_logout": flag("Front-channel logout", False),
    "backchannel_logout_url": text("Back-channel logout URL", between=unjudged),
    "attributes": settings("Further attributes"),
}
IDENTITY_PROVIDER_FIELDS = {
    "provider": text("Type", between=unjudged, help="oidc, keycloak-oidc, saml, google, …"),
    "display_name": text("Display name"),
    "enabled": flag("Enabled", True, both_true),
    "trust_email": flag(
        "E-mails are trusted", False, both_true, help="Its owner could claim anybody's e-mail."
    ),
    "link_only": flag("Only links accounts", False, either_true),
    "hide_on_login": flag("Hidden on the login page", False),
    "store_token": flag("Its tokens are stored", False, both_true),
    "stored_tokens_readable": flag("Stored tokens are readable", False, both_true),
    "first_login_flow": text("First login flow", between=unjudged),
    "post_login_flow": text("Post login flow", between=unjudged),
    "config": settings("Settings", help="The client secret is not among them."),
}
DIRECTORY_FIELDS = {
    "provider": text("Type", default="ldap", between=unjudged),
    "config": settings(
        "Settings",
        help="Each value as Keycloak has it. The bind password is not among them.",
        takes_several=True,
    ),
}
DIRECTORY_MAPPER_FIELDS = {
    "type": text("Type", between=unjudged),
    "config": settings("Settings", takes_several=True),
}
IDENTITY_PROVIDER_MAPPER_FIELDS = MAPPER_FIELDS
ORGANIZATION_FIELDS = {
    "name": text("Name"),
    "enabled": flag("Enabled", True, both_true),
    "description": text("Description"),
    "redirect_url": text("Redirect URL", between=unjudged),
    "domains": listed("Domains", help="Who has an e-mail of these can be sent to its identity provider."),
    "attributes": settings("Attributes", between=None, takes_several=True),
}
