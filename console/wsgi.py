"""The WSGI entry: `granian --interface wsgi console.wsgi:application`."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")

# The graph of a large change is a million small objects without cycles: searching them for cycles as
# often as Python does by itself takes half the time of its preview (docs/benchmarks.md).
gc.set_threshold(50_000, 20, 20)

application = get_wsgi_application()
