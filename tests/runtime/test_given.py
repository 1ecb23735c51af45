"""`console.runtime.given`: what stands on the command line of `make run`."""

import pytest

from console.runtime.given import given_for_run
from console.runtime.problem import Stopped


def test_the_usual_ports_are_8000_and_8080() -> None:
    given = given_for_run({})

    assert (given.port, given.keycloak_port, given.is_all_embedded) == (8000, 8080, True)


def test_a_keycloak_without_its_service_client_is_refused() -> None:
    with pytest.raises(Stopped, match="KEYCLOAK_CLIENT_ID and KEYCLOAK_CLIENT_SECRET is missing"):
        given_for_run({"KEYCLOAK_URL": "https://keycloak.example"})


@pytest.mark.parametrize("text", ["0", "65536", "http", "-1", "8000.0"])
def test_what_is_no_port_is_refused_with_the_usual_one(text: str) -> None:
    with pytest.raises(Stopped, match=r"make run KEYCLOAK_PORT=8080"):
        given_for_run({"KEYCLOAK_PORT": text})
