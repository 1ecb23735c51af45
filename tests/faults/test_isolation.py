"""One of three servers hangs. The others' changes go on, and its own follow when it is back."""

from contextlib import ExitStack

from console.keycloak.connection import Connection
from console.sync.models import Circuit
from tests.factories import Platform, platforms
from tests.faults.hanging import Switch
from tests.faults.workers import REAL, until, workers
from tests.keycloak.forwarder import serving

REALMS = 3  # on the server that hangs: more than its places in the one worker


def test_a_server_that_hangs_does_not_keep_the_others_from_their_work(
    keycloak_connection: Connection, transactional_db: None
) -> None:
    """F2, T23: its realms would take all places of the only worker, and may take half of them."""
    with ExitStack() as whole:
        hanging = whole.enter_context(platforms(keycloak_connection))
        slow: list[Platform] = [hanging() for _ in range(REALMS)]
        others = [whole.enter_context(platforms(keycloak_connection))() for _ in range(2)]
        switches = [whole.enter_context(serving(Switch(keycloak_connection.url))) for _ in range(3)]
        for platform, switch in zip((slow[0], *others), switches, strict=True):
            whole.enter_context(platform.reached_at(switch.url))
        for platform in (*slow, *others):
            platform.approve("access:role:create", name="isolated")

        switches[0].is_hanging = True
        with workers(1, settings=REAL, concurrency=4):
            until(lambda: all(one.is_in_sync for one in others))
            assert not any(one.is_in_sync for one in slow)
            open_ = Circuit.objects.filter(server=slow[0].server, opened_at__isnull=False)
            until(open_.exists)
            for one in others:
                one.approve("access:role:create", name="while-it-hangs")
            until(lambda: all(one.is_in_sync for one in others))

            switches[0].is_hanging = False
            until(lambda: all(one.is_in_sync for one in slow), seconds=150)

        for one in slow:
            assert "isolated" in one.role_names()
        assert [switch.count("POST", "/roles") for switch in switches] == [REALMS, 2, 2]
