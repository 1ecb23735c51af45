"""The application that answers what the operator may do."""

from django.apps import AppConfig


class PermissionsConfig(AppConfig):
    name = "console.permissions"
    label = "permissions"
