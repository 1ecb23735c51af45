"""Every address of signing in and out, with who may call it.

Of django-allauth only the listed views are routed: no sign-up, no password reset, no e-mail.
"""

from allauth.account import views as account_views
from allauth.mfa.base import views as mfa_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as totp_views
from allauth.mfa.webauthn import views as webauthn_views
from django.urls import include, path

from console.identity import backchannel, oidc_views, views
from console.permissions.decorators import public, require
from console.permissions.vocabulary import Permission

_identity = (
    [
        path("sign-in/", public("It is the page to sign in on.")(views.sign_in), name="sign-in"),
        path(
            "sign-out/", public("Signing out must work for everyone.")(oidc_views.sign_out), name="sign-out"
        ),
        path(
            "local/enrol/",
            public("A first second factor; it looks at the session itself.")(views.enrol),
            name="enrol",
        ),
        path("profile/", require(Permission.PROFILE_VIEW, somewhere=True)(views.profile), name="profile"),
        path(
            "oidc/backchannel-logout/",
            public("Keycloak calls it; the signed logout token is the proof.")(
                backchannel.backchannel_logout
            ),
            name="backchannel-logout",
        ),
    ],
    "identity",
)

_oidc = [
    path(
        "oidc/authenticate/",
        public("It only sends the browser to Keycloak.")(oidc_views.ConsoleAuthenticationView.as_view()),
        name="oidc_authentication_init",
    ),
    path(
        "oidc/callback/",
        public("Keycloak's answer arrives here; state, PKCE and the tokens are the proof.")(
            oidc_views.ConsoleCallbackView.as_view()
        ),
        name="oidc_authentication_callback",
    ),
]

_local = [
    path("local/login/", account_views.login, name="account_login"),
    path("local/reauthenticate/", account_views.reauthenticate, name="account_reauthenticate"),
    path("local/password/", account_views.password_change, name="account_change_password"),
    path("local/mfa/", mfa_views.index, name="mfa_index"),
    path("local/mfa/authenticate/", mfa_views.authenticate, name="mfa_authenticate"),
    path("local/mfa/reauthenticate/", mfa_views.reauthenticate, name="mfa_reauthenticate"),
    path("local/mfa/totp/activate/", totp_views.activate_totp, name="mfa_activate_totp"),
    path("local/mfa/totp/deactivate/", totp_views.deactivate_totp, name="mfa_deactivate_totp"),
    path("local/mfa/codes/", recovery_views.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "local/mfa/codes/generate/",
        recovery_views.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path("local/mfa/keys/", webauthn_views.list_webauthn, name="mfa_list_webauthn"),
    path("local/mfa/keys/add/", webauthn_views.add_webauthn, name="mfa_add_webauthn"),
    path(
        "local/mfa/keys/reauthenticate/",
        webauthn_views.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("local/mfa/keys/<int:pk>/edit/", webauthn_views.edit_webauthn, name="mfa_edit_webauthn"),
    path("local/mfa/keys/<int:pk>/remove/", webauthn_views.remove_webauthn, name="mfa_remove_webauthn"),
]

urlpatterns = [path("", include(_identity)), *_oidc, *_local]
