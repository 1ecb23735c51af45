"""What an administrator reads of an operation before she approves it."""

from console.engine.operation import Action, Operation, Phase
from console.engine.state import Address, Kind
from console.sync.words import changes, sentence

CLIENT = Address(Kind.CLIENT, ("shop",))


def test_a_creation_tells_every_field_that_is_not_keycloaks_own_choice() -> None:
    after = {
        "enabled": True,
        "description": "",
        "redirect_uris": ["https://a.example/cb", "https://b.example/*"],
        "direct_access_grants": True,
        "attributes": {"b": "2", "a": "1"},
    }

    told = changes(Operation(Action.CREATE, CLIENT, Phase.BUILD, after=after))

    assert told == [
        ("attributes", "", "a=1, b=2"),
        ("direct access grants", "", "on"),
        ("redirect uris", "", "https://a.example/cb, https://b.example/*"),
    ]


def test_a_deletion_and_a_link_have_no_fields_to_tell() -> None:
    link = Address(Kind.PERSON_CLIENT_ROLE, ("ann", "shop", "buyer"))
    gives = Operation(Action.CREATE, link, Phase.GRANT, after={})

    assert changes(gives) == []
    assert changes(Operation(Action.DELETE, CLIENT, Phase.REVOKE, before={"enabled": True})) == []
    assert str(sentence(gives)) == "Give ann the role buyer of shop"
