from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "console.sync"
    label = "sync"
    verbose_name = "Sync with Keycloak"

    def ready(self) -> None:
        from console import among
        from console.sync import purging

        among.register()
        purging.register()
