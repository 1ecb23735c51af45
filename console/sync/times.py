"""How long things may take before somebody else takes over. Tests of faults have shorter ones."""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, kw_only=True)
class Times:
    """Seconds. A dead worker's job is given back after `stalled` + `sweep`, its run replaced after `lease` +
    `longest_write`.
    """

    lease: float = 20
    longest_write: float = 12  # the gateway gives up after 10
    beat: float = 5
    stalled: float = 20
    sweep: float = 5
    first_wait: float = 1
    longest_wait: float = 300
    first_look: float = 5  # at a server that did not answer
    longest_look: float = 60
    web: float = 8  # what one page may spend on waiting for Keycloak


TIMES = Times(**getattr(settings, "SYNC_TIMES", {}))

MOST_ATTEMPTS = 5
