"""Settings of workers that are killed many times: a second or two for what takes half a minute.

`console.sync.times` has the real figures; `test_take_over.py` uses those.
"""

from console.settings import *  # noqa: F403

SYNC_TIMES = {
    "lease": 1.5,
    "longest_write": 0.5,
    "beat": 0.4,
    "stalled": 1.5,
    "sweep": 0.4,
    "first_wait": 0.1,
    "first_look": 0.2,
    "longest_look": 1.0,
}
