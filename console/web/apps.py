"""The app that carries the tags and the base classes of pages."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """No models, no start-up work."""

    name = "console.web"
    label = "web"
