"""The contract of every kind, kept by the database: declared through the door, read, changed, dropped."""

import pytest

from console.engine.kinds import managed
from console.engine.state import Address, Fields, Kind
from tenants.services import servers
from tenants.services.tenants import create_with_realm
from tests.contract.door import Door
from tests.contract.samples import SAMPLES
from tests.contract.samples.sample import Sample
from tests.factories import MIRA

pytestmark = pytest.mark.django_db

THINGS = [kind for kind, one in SAMPLES.items() if not one.is_link]
# A user name comes from Keycloak or stays: the pages of people give no other one.
RENAMED = [kind for kind, one in SAMPLES.items() if one.renamed and kind is not Kind.PERSON]
DROPPED = [kind for kind in SAMPLES if kind is not Kind.REALM]


@pytest.fixture
def door() -> Door:
    server = servers.create(actor=MIRA, name="one", url="http://127.0.0.1:9", client_id="c", secret="s-3cret")
    return Door(create_with_realm(actor=MIRA, slug="acme", name="Acme", server=server.pk, realm="acme"))


def prepared(door: Door, sample: Sample) -> None:
    for one in (*sample.ground, *sample.beside):
        if door.read(one.address) is None:
            door.declare(one.address, one.fields)


def shown(door: Door, address: Address, like: Fields) -> Fields | None:
    found = door.read(address)
    return None if found is None else managed(address, found.fields, like)


@pytest.mark.parametrize("kind", DROPPED)
def test_it_is_declared_read_back_and_dropped_and_what_is_beside_stays(door: Door, kind: Kind) -> None:
    sample = SAMPLES[kind]
    prepared(door, sample)

    door.declare(sample.address, sample.whole)
    declared = shown(door, sample.address, sample.whole)
    door.drop(sample.address)

    assert declared == sample.whole
    assert door.read(sample.address) is None
    assert all(shown(door, one.address, one.fields) == one.fields for one in sample.beside)


@pytest.mark.parametrize("kind", THINGS)
def test_each_field_is_changed_alone(door: Door, kind: Kind) -> None:
    sample = SAMPLES[kind]
    prepared(door, sample)
    door.declare(sample.address, sample.whole)
    now = sample.whole
    for change in sample.changes:
        now = now | dict(change)
        door.change(sample.address, now)
        assert shown(door, sample.address, now) == now


@pytest.mark.parametrize("kind", RENAMED)
def test_it_is_renamed(door: Door, kind: Kind) -> None:
    sample = SAMPLES[kind]
    prepared(door, sample)
    door.declare(sample.address, sample.whole)
    assert sample.renamed is not None

    door.rename(sample.address, sample.renamed.path[-1], sample.whole)

    assert door.read(sample.address) is None
    assert shown(door, sample.renamed, sample.whole) == sample.whole
