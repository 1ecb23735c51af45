from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "access"

    def ready(self) -> None:
        from access import delegation, desired, drift, impact, notices, timing
        from access.bulk import work
        from access.services import register_commands

        delegation.register()
        desired.register()
        drift.register()
        impact.register()
        notices.register()
        timing.register()
        work.register()
        register_commands()
