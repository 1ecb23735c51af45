"""Settings of workers that are killed many times: a second or two for what takes half a minute.

`console.sync.times` has the real figures; `test_take_over.py` uses those.
"""

from console.settings import *  # noqa: F403
from console.settings import DATABASES

SYNC_TIMES = {
    "lease": 1.2,
    "longest_write": 0.4,
    "beat": 0.3,
    "stalled": 1.2,
    "sweep": 0.25,
    "first_wait": 0.1,
    "first_look": 0.2,
    "longest_look": 1.0,
}

# What a sleeper holds is free after 3 seconds, where it takes 30.
DATABASES["default"]["OPTIONS"] = {
    "options": "-c statement_timeout=15000 -c idle_in_transaction_session_timeout=3000"
}
