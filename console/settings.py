"""Django's settings. What differs from one installation to the next comes from `console.env`."""

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from console.env import load

env = load()

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = env.secret_key.get_secret_value()
DEBUG = env.debug
GATEHOUSE_URL = env.gatehouse_url.rstrip("/")
ALLOWED_HOSTS = [urlsplit(GATEHOUSE_URL).hostname or "localhost", "localhost", "127.0.0.1"]
CSRF_TRUSTED_ORIGINS = [GATEHOUSE_URL]
IS_HTTPS = GATEHOUSE_URL.startswith("https://")

INSTALLED_APPS = [
    "console.identity",
    "console.audit",
    "console.sync",
    "tenants",
    "access",
    "console.web",
    "console.permissions",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
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
]

MIDDLEWARE = [
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
            ],
            "builtins": ["console.web.templatetags.ui"],
        },
    },
]
FORM_RENDERER = "console.web.forms.Renderer"

_database = urlsplit(env.database_url)
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **env.database(),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {
            # A page never waits longer than this for the database, and no transaction idles.
            "options": "-c statement_timeout=15000 -c idle_in_transaction_session_timeout=30000",
        },
    }
}

CACHES = {
    # Rate limits and used one-time codes must be shared by all processes.
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache_entries"},
}

AUTH_USER_MODEL = "identity.User"

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
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
