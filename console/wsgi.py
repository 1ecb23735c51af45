"""The WSGI entry: `granian --interface wsgi console.wsgi:application`."""

import gc
import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

# The graph of a large change is a million small objects without cycles: searching them for cycles as
# often as Python does by itself takes half the time of its preview (docs/benchmarks.md).
gc.set_threshold(50_000, 20, 20)

_pages = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer decisions by their own short way, and everything else as Django does."""
    is_decision = serving.is_ours(environ.get("PATH_INFO", ""))
    answer: Iterable[bytes] = (serving.application if is_decision else _pages)(environ, start_response)
    return answer


from console.api.authzen import serving  # noqa: E402  models are there once Django is set up
