"""The samples of all kinds. A kind without a row here fails the suite: add it to one of these modules."""

from collections.abc import Mapping

from console.engine.state import Kind
from tests.contract.samples import clients, links, organizations, people, providers, realm
from tests.contract.samples.sample import Sample

SAMPLES: Mapping[Kind, Sample] = {
    one.kind: one
    for one in (
        *realm.SAMPLES,
        *people.SAMPLES,
        *clients.SAMPLES,
        *providers.SAMPLES,
        *organizations.SAMPLES,
        *links.SAMPLES,
    )
}
