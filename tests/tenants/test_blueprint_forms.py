"""The form of a new tenant from a blueprint: what must be given hangs on what else is."""

import pytest
from django.forms import Select

from console.blueprints.shipped import shipped_one
from console.sync.models import KeycloakServer
from console.web.forms import Segmented
from tenants.blueprint_forms import BlueprintTenantForm
from tenants.services import servers
from tests.factories import MIRA

pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> KeycloakServer:
    return servers.create(actor=MIRA, name="one", url="http://127.0.0.1:9", client_id="c", secret="s")


def asked(server: KeycloakServer, **typed: str) -> BlueprintTenantForm:
    """Return the form of kdb Insights with what stands in it at first, and what is typed over that."""
    blueprint = shipped_one("kdb-insights")
    first = {field.html_name: field.initial or "" for field in BlueprintTenantForm(blueprint=blueprint)}
    given = {"name": "Insights A", "slug": "insights-a", "server": str(server.pk), "p_namespace": "alpha"}
    return BlueprintTenantForm(first | given | typed, blueprint=blueprint)


def test_without_a_mail_server_nobody_asks_for_a_sender(server: KeycloakServer) -> None:
    form = asked(server)

    assert form.is_valid(), form.errors
    assert "p_smtp_from" in form.fields


def test_with_a_mail_server_the_sender_must_be_given(server: KeycloakServer) -> None:
    form = asked(server, p_smtp_host="smtp.example.org")

    assert form.errors == {"p_smtp_from": ["This must be given."]}


def test_choices_stand_side_by_side_where_the_longest_fits(server: KeycloakServer) -> None:
    fields = asked(server).fields

    assert isinstance(fields["p_start_stop_needs"].widget, Segmented)
    assert type(fields["p_smtp_security"].widget) is Select
