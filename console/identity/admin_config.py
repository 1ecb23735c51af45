"""The application of the Django admin with the console's own site."""

from django.contrib.admin.apps import AdminConfig


class ConsoleAdminConfig(AdminConfig):
    """Stands in INSTALLED_APPS in the place of `django.contrib.admin`."""

    default_site = "console.identity.admin_site.ConsoleAdminSite"
