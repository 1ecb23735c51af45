"""The application that programs talk to."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "console.api"
    label = "api"
    verbose_name = "API"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from console.api import kept
        from console.sync import work

        work.register_purge(kept.purge)
