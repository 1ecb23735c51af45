from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "tenants"

    def ready(self) -> None:
        from tenants import desired
        from tenants.services import tenants  # noqa: F401  its commands register themselves

        desired.register()
