"""Django's settings. What differs from one installation to the next comes from `console.env`."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from console.env import load, mail_server

env = load()

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = env.secret_key.get_secret_value()
ENCRYPTION_KEYS = env.encryption_keys.get_secret_value()
DEBUG = env.debug
GATEHOUSE_URL = env.gatehouse_url.rstrip("/")
ALLOWED_HOSTS = [urlsplit(GATEHOUSE_URL).hostname or "localhost", "localhost", "127.0.0.1"]
CSRF_TRUSTED_ORIGINS = [GATEHOUSE_URL]
IS_HTTPS = GATEHOUSE_URL.startswith("https://")

INSTALLED_APPS = [
    "console.identity",
    "console.audit",
    "console.sync",
    "console.bulk",
    "tenants",
    "access",
    "console.api",
    "console.web",
    "console.permissions",
    "console.identity.admin_config.ConsoleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "mozilla_django_oidc",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "template_partials",
    "procrastinate.contrib.django",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "console.sync.middleware.AnswerInTime",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "console.identity.middleware.SessionGuard",
    "console.web.readable.RefuseNulls",
    "console.permissions.middleware.DefaultDeny",
]

ROOT_URLCONF = "console.urls"
WSGI_APPLICATION = "console.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "console.web.context.shell",
                "console.identity.context.operator",
                "console.permissions.context.rights",
            ],
            "builtins": ["console.web.templatetags.ui"],
        },
    },
]
FORM_RENDERER = "console.web.forms.Renderer"
# Who fills the rail, the tenant switcher and the jump box.
NAVIGATION = "console.home.navigation"

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **env.database(),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {
            # A page never waits longer than this for the database, and no transaction idles. What is
            # prepared (console/prepared.py) keeps one plan: making one takes longer than to use it.
            "options": "-c statement_timeout=15000 -c idle_in_transaction_session_timeout=30000"
            " -c plan_cache_mode=force_generic_plan",
            "prepare_threshold": 2**31,  # only what asks for it is prepared
        },
    }
}

CACHES = {
    # Rate limits and used one-time codes must be shared by all processes.
    # A full table drops entries at random: it must be far larger than guesses can fill in minutes.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entries",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

# --- who operates the console ---------------------------------------------------------------------

AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = [
    "console.identity.backends.ConsoleOIDCBackend",
    "console.identity.backends.LocalBackend",
]
LOGIN_URL = "identity:sign-in"
LOGIN_REDIRECT_URL = "home"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 16},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Browser sessions: sealed rows. The limits that count are those of `console.identity.limits`.
SESSION_ENGINE = "console.identity.sessions"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
# Browsers accept the __Host- prefix on secure cookies only; http://localhost has none.
SESSION_COOKIE_NAME = "__Host-sid" if IS_HTTPS else "sid"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrftoken"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Keycloak, through mozilla-django-oidc. Tokens are verified by `console.identity.tokens`.
OIDC_ISSUER = env.oidc_issuer
OIDC_INTERNAL_URL = env.oidc_internal_url or OIDC_ISSUER
OIDC_RP_CLIENT_ID = env.oidc_client_id
OIDC_RP_CLIENT_SECRET = env.oidc_client_secret.get_secret_value()
OIDC_OP_AUTHORIZATION_ENDPOINT = f"{OIDC_ISSUER}/protocol/openid-connect/auth"
OIDC_OP_TOKEN_ENDPOINT = f"{OIDC_INTERNAL_URL}/protocol/openid-connect/token"
OIDC_OP_USER_ENDPOINT = f"{OIDC_INTERNAL_URL}/protocol/openid-connect/userinfo"
OIDC_OP_JWKS_ENDPOINT = f"{OIDC_INTERNAL_URL}/protocol/openid-connect/certs"
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_RP_SCOPES = "openid email profile"
OIDC_USE_PKCE = True
OIDC_PKCE_CODE_CHALLENGE_METHOD = "S256"
OIDC_USE_NONCE = True
OIDC_VERIFY_KID = True
OIDC_VERIFY_SSL = True
OIDC_TIMEOUT = 5
OIDC_MAX_STATES = 5
OIDC_CREATE_USER = False
OIDC_STORE_ACCESS_TOKEN = OIDC_STORE_ID_TOKEN = False
OIDC_REDIRECT_REQUIRE_HTTPS = IS_HTTPS
CLUSTER_ADMIN_GROUPS = env.cluster_admin_groups
KEEP_DAYS = {
    "ended_grants": env.keep_ended_grants_days,
    "sign_ins": env.keep_sign_ins_days,
    "plans": env.keep_plans_days,
    "jobs": env.keep_jobs_days,
}
TOKENS_UNCONFIRMED = timedelta(hours=env.tokens_unconfirmed_hours)

# Notices go by mail where a mail server is named; nowhere else is anything sent.
MAIL = mail_server(env.email_url)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if MAIL else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = (MAIL.host, MAIL.port) if MAIL else ("", 0)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = (MAIL.user, MAIL.password) if MAIL else ("", "")
EMAIL_USE_TLS, EMAIL_USE_SSL = (MAIL.starttls, MAIL.tls) if MAIL else (False, False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.email_from

# The guard: what asks for a typed reason before it is written. See docs/guard.md.
ADMINISTRATORS = env.administrators
SERVER_NETWORKS = env.server_networks
GUARD_DELETION_SHARE = env.guard_deletion_share
GUARD_DELETIONS = env.guard_deletions

# Break-glass accounts, through django-allauth.
LOCAL_LOGIN_NETWORKS = env.local_login_networks
ALLAUTH_TRUSTED_PROXY_COUNT = env.trusted_proxy_count
if env.trusted_proxy_count:
    # Such a proxy ends TLS and says so in this header, which it must strip from what browsers send.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ACCOUNT_ADAPTER = "console.identity.adapters.LocalAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_RATE_LIMITS = {"login_failed": "5/5m/ip,5/15m/key", "login": "10/m/ip"}
MFA_ADAPTER = "console.identity.adapters.SealedMfaAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# Browsers offer security keys on http://localhost, and nowhere else without TLS.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_HTTPS
MFA_TRUST_ENABLED = False
MFA_PASSKEY_LOGIN_ENABLED = MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_RECOVERY_CODE_DIGITS = 20
MFA_RECOVERY_CODES_SHOW_ONCE = True

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

STATIC_URL = "/static/"
STATIC_ROOT = env.static_root or BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

DJANGO_TABLES2_TEMPLATE = "components/table.html"

_issuer = urlsplit(env.oidc_issuer)
ISSUER_ORIGIN = f"{_issuer.scheme}://{_issuer.netloc}"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        # Signing out posts here and is sent on to Keycloak, which counts as a form target.
        "form-action": [SELF, ISSUER_ORIGIN],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"procrastinate": {"level": "WARNING"}, "aiohttp": {"level": "WARNING"}},
}
# The REST API for programs. See docs/api.md.
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_THROTTLE_RATES": {"api": "1200/min", "api-writes": "240/min"},
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "COERCE_DECIMAL_TO_STRING": False,
    "STRICT_JSON": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Gatehouse",
    "VERSION": "1",
    "DESCRIPTION": "Access of tenants on Keycloak: read it, and change it by plans.",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_PERMISSIONS": [],
    "SERVE_AUTHENTICATION": [],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}

DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_HANDLERS = [
    "console.web.uploads.Limited",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
