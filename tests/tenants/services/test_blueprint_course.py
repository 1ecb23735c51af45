"""What following a blueprint changes: kept is what was changed here, taken away only what it made."""

from console.engine.state import Address, Kind
from tenants.services.blueprint_course import course_of

CLERK = Address(Kind.ROLE, ("clerk",))
PACKER = Address(Kind.ROLE, ("packer",))
DESK = Address(Kind.CLIENT, ("desk",))


def sentences(course: object) -> dict[Address, str]:
    return {one.address: one.why for one in course.kept}  # type: ignore[attr-defined]


def test_what_is_not_there_is_made_and_is_the_blueprints() -> None:
    course = course_of(base={}, ours={}, new={CLERK: {"description": "Sells"}})

    assert course.put == {CLERK: {"description": "Sells"}}
    assert course.parts == {CLERK: {"description": "Sells"}}
    assert course.kept == []


def test_what_was_here_before_stays_and_is_not_the_blueprints() -> None:
    course = course_of(base={}, ours={CLERK: {"description": "Ours"}}, new={CLERK: {"description": "Sells"}})

    assert course.put == {}
    assert course.parts == {}
    assert "description" in sentences(course)[CLERK]


def test_what_was_here_just_so_stays_silently() -> None:
    same = {CLERK: {"description": "Sells"}}

    course = course_of(base={}, ours=same, new=same)

    assert (course.put, course.parts, course.kept) == ({}, {}, [])


def test_a_value_that_nobody_changed_follows_the_newer_version() -> None:
    course = course_of(
        base={CLERK: {"description": "Sells"}},
        ours={CLERK: {"description": "Sells"}},
        new={CLERK: {"description": "Advises"}},
    )

    assert course.put == {CLERK: {"description": "Advises"}}
    assert course.kept == []


def test_a_value_that_was_changed_here_is_kept_and_said() -> None:
    course = course_of(
        base={CLERK: {"description": "Sells"}},
        ours={CLERK: {"description": "Ours"}},
        new={CLERK: {"description": "Advises"}},
    )

    assert course.put == {}
    assert sentences(course)[CLERK] == "changed here since: description"
    assert course.parts == {CLERK: {"description": "Advises"}}


def test_each_key_of_a_map_is_a_value_of_its_own() -> None:
    base = {"attributes": {"a": "1", "b": "1"}, "enabled": True}
    ours = {"attributes": {"a": "mine", "b": "1", "c": "mine"}, "enabled": True}
    new = {"attributes": {"a": "2", "b": "2"}, "enabled": False}

    course = course_of(base={DESK: base}, ours={DESK: ours}, new={DESK: new})

    assert course.put[DESK] == {"attributes": {"a": "mine", "b": "2", "c": "mine"}, "enabled": False}
    assert sentences(course)[DESK] == "changed here since: attributes a"


def test_a_value_that_the_blueprint_does_not_change_is_left_alone_wherever_it_stands() -> None:
    said = {CLERK: {"description": "Sells"}}

    course = course_of(base=said, ours={CLERK: {"description": "Ours"}}, new=said)

    assert (course.put, course.kept) == ({}, [])


def test_what_was_deleted_here_is_not_made_again() -> None:
    said = {CLERK: {"description": "Sells"}}

    course = course_of(base=said, ours={}, new=said)

    assert course.put == {}
    assert sentences(course)[CLERK] == "it was deleted here, and is not made again"


def test_only_what_it_made_and_nobody_changed_is_taken_away() -> None:
    base = {CLERK: {"description": "Sells"}, PACKER: {"description": "Packs"}}
    ours = {CLERK: {"description": "Ours"}, PACKER: {"description": "Packs"}, DESK: {"enabled": True}}

    course = course_of(base=base, ours=ours, new={})

    assert course.drop == [PACKER]
    assert "changed here since" in sentences(course)[CLERK]
    assert course.parts == {}


def test_what_something_of_ours_rests_on_is_not_taken_away() -> None:
    given = Address(Kind.PERSON_ROLE, ("ann", "packer"))
    said = {PACKER: {"description": "Packs"}}
    course = course_of(base=said, ours=said, new={})

    course.hold_back([PACKER, given])

    assert course.drop == []
    assert sentences(course)[PACKER] == "the blueprint has it no more, and 1 declared here rest on it"


def test_what_goes_with_it_holds_nothing_back() -> None:
    given = Address(Kind.GROUP_ROLE, ("staff", "packer"))
    said = {PACKER: {"description": ""}, given: {}}
    course = course_of(base=said, ours=said, new={})

    course.hold_back([PACKER, given])

    assert set(course.drop) == {PACKER, given}
