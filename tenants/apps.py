from django.apps import AppConfig


class TenantsConfig(AppConfig):
    name = "tenants"

    def ready(self) -> None:
        from console.change import note_sign_in
        from console.identity import events
        from tenants import desired, secrets
        from tenants.services import declarations, drift, renewing, tenants  # noqa: F401  they register commands

        # This is the lowest app above the door, which the identity package cannot see.
        events.listen(note_sign_in)
        desired.register()
        secrets.register()
