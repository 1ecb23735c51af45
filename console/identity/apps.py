"""The application that knows who the operator is."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "console.identity"
    label = "identity"
    verbose_name = "Console accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from console.identity import factors

        factors.connect()
