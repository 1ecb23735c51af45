"""What the address of the matrix asks for: the URL is the state."""

from access.matrix.asked import Asked, Standing, View, asked_of


def test_an_empty_address_asks_for_all_people() -> None:
    assert asked_of({}) == Asked()
    assert not asked_of({}).is_narrowed


def test_every_filter_is_read_from_the_address() -> None:
    asked = asked_of(
        {
            "view": "people",
            "q": " bruno ",
            "status": "disabled",
            "columns": "package",
            "window": "3",
            "differences": "on",
            "row": "p7",
            "column": "role:viewer",
        }
    )

    assert asked == Asked(
        view=View.PEOPLE,
        text="bruno",
        standing=Standing.DISABLED,
        columns="package",
        window=3,
        only_differences=True,
        row="p7",
        column="role:viewer",
    )
    assert asked.is_narrowed
    assert asked.has_reasons_open


def test_what_cannot_be_understood_counts_as_not_asked() -> None:
    asked = asked_of({"view": "elephants", "status": "'; drop", "window": "-1", "differences": "yes"})

    assert asked == Asked()


def test_a_number_that_only_looks_like_one_is_not_asked() -> None:
    assert asked_of({"window": "²"}).window == 0
    assert asked_of({"window": "9" * 40}).window == 0
