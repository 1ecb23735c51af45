"""The search box of forms in Chromium: by keys alone, by mouse, and what is sent in the end (row U6)."""

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from tests.access.declared import DeclaredTenant
from tests.operators import sign_in_as
from tests.web.browser import Visitor
from tests.web.conftest import visitor

__all__ = ["visitor"]


@pytest.fixture
def acme(transactional_db: None) -> DeclaredTenant:
    acme = DeclaredTenant()
    acme.role("developer")
    for number, name in enumerate(("Ann Lee", "Bob Ray", "Cas Cole", "Dora Lee")):
        acme.person(f"person{number}", name)
    return acme


@pytest.fixture
def form(acme: DeclaredTenant, visitor: Visitor) -> Visitor:
    visitor.go(reverse("access:role-give", args=["acme", acme.role("developer").pk]))
    return visitor


def chosen(form: Visitor) -> list[str]:
    """Return the values that the form would send."""
    found = form.page.eval_on_selector_all(
        "select[name=people] option:checked", "options => options.map(one => one.value)"
    )
    return [str(one) for one in found]


def test_people_are_chosen_by_keys_alone(acme: DeclaredTenant, form: Visitor) -> None:
    box = form.page.get_by_role("combobox", name="People")
    box.focus()
    box.press_sequentially("lee")
    expect(form.page.locator(".ts-dropdown .option")).to_have_count(2)

    box.press("ArrowDown")
    box.press("Enter")

    expect(form.page.locator(".ts-control .item")).to_have_text([form_text("Dora Lee")])
    assert chosen(form) == [str(acme.person("person3").pk)]
    assert form.complaints == []


def form_text(name: str) -> str:
    """Return a chip's text: the name and the sign of its button."""
    return f"{name}×"


def test_a_choice_is_taken_back_by_its_button_and_by_backspace(acme: DeclaredTenant, form: Visitor) -> None:
    box = form.page.get_by_role("combobox", name="People")
    for word in ("ann", "bob"):
        box.fill(word)
        expect(form.page.locator(".ts-dropdown .option")).to_have_count(1)
        box.press("Enter")
    assert len(chosen(form)) == 2

    form.page.locator(".ts-control .item", has_text="Ann Lee").locator(".remove").click()
    expect(form.page.locator(".ts-control .item")).to_have_count(1)
    box.focus()
    box.press("Backspace")

    expect(form.page.locator(".ts-control .item")).to_have_count(0)
    assert chosen(form) == []


def test_nothing_found_is_said(form: Visitor) -> None:
    form.page.get_by_role("combobox", name="People").fill("nobody of this name")

    expect(form.page.locator(".ts-dropdown")).to_contain_text("Nobody and nothing of this name")


def test_names_are_text_in_the_list_and_in_chips(acme: DeclaredTenant, visitor: Visitor) -> None:
    acme.person("mallory", "<img src=x onerror=alert(1)> Mallory")
    visitor.go(reverse("access:role-give", args=["acme", acme.role("developer").pk]))
    box = visitor.page.get_by_role("combobox", name="People")
    box.fill("mallory")
    expect(visitor.page.locator(".ts-dropdown .option")).to_have_count(1)
    box.press("Enter")

    expect(visitor.page.locator(".ts-control .item")).to_contain_text("<img src=x")
    assert visitor.page.locator(".ts-wrapper img").count() == 0
    assert visitor.complaints == []


def test_what_was_chosen_stays_when_the_form_comes_back(acme: DeclaredTenant, client: Client) -> None:
    """Only what is chosen stands in the page, whatever the number of people."""
    sign_in_as(client, roles=("gatehouse-admin",))
    ann = acme.person("person0")

    answer = client.post(
        reverse("access:entitlement-grant", args=["acme"]),
        {"entitlement": "999", "people": [ann.pk]},
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'<option value="{ann.pk}" selected>Ann Lee</option>' in page
    assert "Bob Ray" not in page


def test_an_open_list_bars_nobody(form: Visitor) -> None:
    form.page.get_by_role("combobox", name="People").click()
    expect(form.page.locator(".ts-dropdown .option")).to_have_count(4)

    assert form.barriers() == []
    assert form.complaints == []


def test_it_starts_in_a_part_that_comes_later(form: Visitor) -> None:
    """Parts are replaced while one works: the box comes to life again."""
    form.page.evaluate("""() => {
        const part = document.querySelector('search-picker');
        const select = part.querySelector('select').cloneNode(true);
        select.classList.remove('tomselected', 'ts-hidden-accessible');
        select.removeAttribute('tabindex');
        const fresh = document.createElement('search-picker');
        fresh.append(select);
        part.replaceWith(fresh);
    }""")
    box = form.page.get_by_role("combobox", name="People")
    box.fill("ann")

    expect(form.page.locator(".ts-dropdown .option")).to_have_count(1)
