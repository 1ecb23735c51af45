"""Break-glass accounts: made by a command, useless without a second factor, limited, recorded, local."""

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test import Client
from django.urls import NoReverseMatch, reverse

from console.audit.models import AuditEvent
from console.identity import events
from console.identity.actor import ActorKind
from console.identity.models import OidcIdentity, SignIn, User

pytestmark = pytest.mark.django_db

PASSWORD = "the sealed password of a test"


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> Iterator[None]:
    """Rate limits live in the shared cache, a table: each test begins with none used."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root", password=PASSWORD)


@pytest.fixture
def seed(root: User, console: Client) -> str:
    """The seed of a second factor, enrolled in the way that every account goes; then signed out."""
    console.post("/local/login/", {"login": "root", "password": PASSWORD})
    found = enrol_app(console)
    console.post("/sign-out/")
    forget_codes()
    return found


def enrol_app(console: Client) -> str:
    page = console.get("/local/mfa/totp/activate/").content.decode()
    seed = re.search(r"<code>([A-Z2-7]{32})</code>", page)
    assert seed, page[-1500:]
    answer = console.post("/local/mfa/totp/activate/", {"code": fresh_code_of(seed.group(1))})
    assert answer.status_code == 302, answer.content.decode()[-2500:]
    return seed.group(1)


def code_of(seed: str) -> str:
    return format_hotp_value(hotp_value(seed, int(time.time()) // 30))


def fresh_code_of(seed: str) -> str:
    """A code with at least some seconds left, so that a test does not straddle two of them."""
    left = 30 - time.time() % 30
    if left < 4:
        time.sleep(left + 0.1)
    return code_of(seed)


def forget_codes() -> None:
    cache.clear()


def sign_in(console: Client, seed: str) -> Any:
    console.post("/local/login/", {"login": "root", "password": PASSWORD})
    return console.post("/local/mfa/authenticate/", {"code": fresh_code_of(seed)})


# --- made by a command --------------------------------------------------------------------------


def test_the_command_prints_a_password_once_that_signs_in(console: Client) -> None:
    out = StringIO()
    call_command("breakglass_create", "night-watch", stdout=out)

    password = re.search(r"Password  (\S+)", out.getvalue())
    assert password
    answer = console.post("/local/login/", {"login": "night-watch", "password": password.group(1)})
    assert answer.status_code == 302
    user = User.objects.get(username="night-watch")
    assert user.is_superuser
    assert user.password.startswith("argon2")
    assert password.group(1) not in user.password


def test_there_are_at_most_three(root: User) -> None:
    for name in ("one", "two"):
        call_command("breakglass_create", name, stdout=StringIO())

    with pytest.raises(CommandError, match="no more may exist"):
        call_command("breakglass_create", "three", stdout=StringIO())
    assert User.objects.count() == 3


@pytest.mark.parametrize("name", ["root", "ROOT", "sso:abc", "with space", "", "x" * 151])
def test_a_name_that_is_taken_or_wrong_is_refused(name: str, root: User) -> None:
    with pytest.raises(CommandError):
        call_command("breakglass_create", name, stdout=StringIO())
    assert User.objects.count() == 1


# --- useless without a second factor ------------------------------------------------------------


CLOSED = ("/", "/admin/", "/admin/login/", "/profile/", "/servers/", "/local/mfa/", "/local/password/")


def test_a_password_alone_opens_only_the_page_that_adds_a_second_factor(root: User, console: Client) -> None:
    console.post("/local/login/", {"login": "root", "password": PASSWORD})

    for path in CLOSED:
        for answer in (console.get(path), console.post(path)):
            assert (answer.status_code, answer["Location"]) == (302, "/local/enrol/"), path
            assert answer.wsgi_request.actor.kind is ActorKind.ANONYMOUS


def test_even_the_session_that_added_the_factor_must_sign_in_again(root: User, console: Client) -> None:
    console.post("/local/login/", {"login": "root", "password": PASSWORD})
    enrol_app(console)

    assert console.get("/admin/")["Location"] == "/local/enrol/"
    assert "Your second factor is set" in console.get("/local/enrol/").content.decode()


def test_with_both_factors_the_account_opens_everything(seed: str, console: Client) -> None:
    answer = sign_in(console, seed)

    assert answer.status_code == 302
    admin = console.get("/admin/")
    assert admin.status_code == 200
    assert admin.wsgi_request.actor.kind is ActorKind.LOCAL
    assert console.get("/").status_code == 200


def test_without_the_second_step_the_enrolled_account_is_nobody(seed: str, console: Client) -> None:
    answer = console.post("/local/login/", {"login": "root", "password": PASSWORD})

    assert answer["Location"].startswith("/local/mfa/authenticate/")
    for path in ("/admin/", "/profile/", "/local/mfa/", "/local/password/", "/local/enrol/"):
        assert not console.get(path).wsgi_request.user.is_authenticated
    assert SignIn.objects.open().count() == 0


def test_a_code_counts_once_for_all_processes(seed: str, console: Client) -> None:
    code = fresh_code_of(seed)
    console.post("/local/login/", {"login": "root", "password": PASSWORD})
    assert console.post("/local/mfa/authenticate/", {"code": code}).status_code == 302

    other = Client()
    other.post("/local/login/", {"login": "root", "password": PASSWORD})
    answer = other.post("/local/mfa/authenticate/", {"code": code})

    assert answer.status_code == 200
    assert "Incorrect code" in answer.content.decode()
    with connection.cursor() as cursor:  # where every process looks
        cursor.execute("SELECT count(*) FROM cache_entries WHERE cache_key LIKE %s", ["%totp.used%"])
        assert cursor.fetchone()[0] == 1


def test_recovery_codes_have_twenty_digits_are_shown_once_and_work_once(root: User, console: Client) -> None:
    console.post("/local/login/", {"login": "root", "password": PASSWORD})
    enrol_app(console)

    first, second = (console.get("/local/mfa/codes/").content.decode() for _ in range(2))

    codes = re.findall(r"\b\d{20}\b", first.partition('<pre class="codes')[2])
    assert len(codes) == 10
    assert "cannot be shown again" in second
    assert not any(one in second for one in codes)
    console.post("/sign-out/")
    for expected in (302, 200):
        console.post("/local/login/", {"login": "root", "password": PASSWORD})
        assert console.post("/local/mfa/authenticate/", {"code": codes[0]}).status_code == expected
        console.post("/sign-out/")


def test_the_last_second_factor_cannot_be_taken_away(seed: str, console: Client) -> None:
    sign_in(console, seed)
    forget_codes()
    console.post("/local/reauthenticate/", {"password": PASSWORD})

    answer = console.post("/local/mfa/totp/deactivate/")

    assert answer.status_code == 200
    assert Authenticator.objects.filter(type="totp").count() == 1


def test_seeds_and_codes_are_stored_sealed(seed: str, root: User) -> None:
    for stored in Authenticator.objects.filter(user=root):
        assert seed not in str(stored.data)
        assert str(stored.data).count("v1.") >= 1


def test_a_second_factor_is_changed_only_after_the_password_again(seed: str, console: Client) -> None:
    sign_in(console, seed)

    answer = console.get("/local/mfa/codes/generate/")

    assert answer.status_code == 302
    assert "reauthenticate" in answer["Location"]


# --- limits -------------------------------------------------------------------------------------


def test_the_sixth_wrong_password_locks_the_account_for_a_while(root: User) -> None:
    for number in range(6):
        Client().post(
            "/local/login/",
            {"login": "root", "password": "wrong"},
            headers={"x-forwarded-for": f"198.51.100.{number}"},
            REMOTE_ADDR=f"127.0.0.{number + 1}",
        )

    answer = Client().post("/local/login/", {"login": "root", "password": PASSWORD}, REMOTE_ADDR="127.0.0.99")

    assert answer.status_code == 200
    assert "Too many" in answer.content.decode()
    assert not SignIn.objects.exists()


def test_a_success_in_between_does_not_reset_the_limit(root: User) -> None:
    for _ in range(4):
        Client().post("/local/login/", {"login": "root", "password": "wrong"})
    assert Client().post("/local/login/", {"login": "root", "password": PASSWORD}).status_code == 302
    Client().post("/local/login/", {"login": "root", "password": "wrong"})

    answer = Client().post("/local/login/", {"login": "root", "password": PASSWORD})

    assert answer.status_code == 200


def test_a_spoofed_header_gives_no_new_limit_by_address(root: User) -> None:
    answers = [
        Client().post(
            "/local/login/",
            {"login": f"nobody-{number}", "password": "wrong"},
            headers={"x-forwarded-for": f"198.51.100.{number}"},
        )
        for number in range(7)
    ]

    assert "Too many" in answers[-1].content.decode()


def test_an_unknown_name_and_a_wrong_password_read_the_same(root: User) -> None:
    texts = [
        re.sub(
            r'value="[^"]*"|"X-CSRFToken": "\w+"', "", Client().post("/local/login/", data).content.decode()
        )
        for data in ({"login": "root", "password": "wrong"}, {"login": "nobody", "password": "wrong"})
    ]

    assert texts[0] == texts[1]


def test_a_flood_of_guesses_does_not_push_a_limit_out_of_the_cache(root: User) -> None:
    for _ in range(5):
        Client().post("/local/login/", {"login": "root", "password": "wrong"})

    for number in range(1000):
        cache.set(f"another-guess-{number}", number, 900)

    answer = Client().post("/local/login/", {"login": "root", "password": PASSWORD}, REMOTE_ADDR="127.0.0.99")
    assert answer.status_code == 200
    assert not SignIn.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_fifty_codes_at_once_are_not_fifty_guesses(console: Client) -> None:
    User.objects.create_superuser("root", password=PASSWORD)
    console.post("/local/login/", {"login": "root", "password": PASSWORD})
    seed = enrol_app(console)
    console.post("/sign-out/")
    forget_codes()
    console.post("/local/login/", {"login": "root", "password": PASSWORD})
    wrong = "000000" if code_of(seed) != "000000" else "111111"

    def guess(number: int) -> str:
        client = Client()
        client.cookies = console.cookies
        try:
            return client.post("/local/mfa/authenticate/", {"code": wrong}).content.decode()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=10) as pool:
        pages = list(pool.map(guess, range(50)))

    assert sum("Incorrect code" in page for page in pages) <= 5
    assert sum("Too many" in page for page in pages) >= 45


@pytest.mark.parametrize("minutes", [16, 31])
def test_the_session_is_short(minutes: int, seed: str, console: Client) -> None:
    sign_in(console, seed)
    span = timedelta(minutes=minutes)
    SignIn.objects.open().update(
        signed_in_at=F("signed_in_at") - span, checked_at=F("checked_at") - span, seen_at=F("seen_at") - span
    )

    assert console.get("/admin/").status_code == 302
    assert not SignIn.objects.open().exists()


def test_the_page_answers_only_to_listed_networks(seed: str, settings: Any, console: Client) -> None:
    far = Client(REMOTE_ADDR="203.0.113.9")
    assert far.get("/local/login/").status_code == 403
    assert far.post("/local/login/", {"login": "root", "password": PASSWORD}).status_code == 403
    assert "break-glass" not in far.get("/sign-in/").content.decode()

    sign_in(console, seed)
    assert console.get("/admin/", REMOTE_ADDR="203.0.113.9").status_code == 302
    assert console.get("/admin/").status_code == 302  # the session that moved is over


def test_nothing_of_self_service_is_routed() -> None:
    names = ("account_signup", "account_reset_password", "account_email", "account_set_password", "mfa_trust")
    for name in names:
        with pytest.raises(NoReverseMatch):
            reverse(name)
    assert "remember" not in Client().get("/local/login/").content.decode()


# --- recorded -----------------------------------------------------------------------------------


def test_each_use_is_told_and_shown_to_every_administrator_for_a_day(
    seed: str, console: Client, operator: Callable[..., Client]
) -> None:
    heard: list[events.Event] = []
    listener = heard.append
    events.listen(listener)

    sign_in(console, seed)

    events.forget(listener)
    assert [(one.name, one.actor.key) for one in heard] == [("signed-in", "local:root")]
    uses = operator("otto").get("/profile/").context["break_glass_uses"]
    assert {str(use.user) for use in uses} == {"root"}
    SignIn.objects.filter(user__username="root").update(
        signed_in_at=F("signed_in_at") - timedelta(days=1), checked_at=F("checked_at") - timedelta(days=1)
    )
    assert not operator("otto").get("/profile/").context["break_glass_uses"]


def test_factors_and_wrong_passwords_are_recorded_without_what_was_typed(
    root: User, console: Client, django_capture_on_commit_callbacks: Any
) -> None:
    console.post("/local/login/", {"login": "my secret password", "password": "x"})
    console.post("/local/login/", {"login": "root", "password": "wrong"})
    console.post("/local/login/", {"login": "root", "password": PASSWORD})
    with django_capture_on_commit_callbacks(execute=True):
        enrol_app(console)

    rows = list(AuditEvent.objects.order_by("id").values_list("kind", "actor_name", "reason"))

    assert rows == [
        ("identity:session:refuse", "nobody", "Wrong name of a break-glass account., 127.0.0.1"),
        ("identity:session:refuse", "nobody", "Wrong password for root., 127.0.0.1"),
        ("identity:local:sign-in", "root", "127.0.0.1"),
        ("identity:factor:add", "root", "TOTP Authenticator, 127.0.0.1"),
        ("identity:factor:add", "root", "Recovery codes, 127.0.0.1"),
    ]


def test_what_cannot_be_recorded_does_not_happen(seed: str, console: Client) -> None:
    def refuse(event: events.Event) -> None:
        raise RuntimeError("The audit cannot be written.")

    events.listen(refuse)
    try:
        assert sign_in(console, seed).status_code == 500
    finally:
        events.forget(refuse)

    assert console.get("/admin/").status_code == 302
    assert not SignIn.objects.open().exists()


# --- kept local, by the database ----------------------------------------------------------------


def test_a_local_account_cannot_get_an_identity(root: User) -> None:
    with pytest.raises(IntegrityError, match="identity_oidc_only_for_sso_users"), transaction.atomic():
        OidcIdentity.objects.create(issuer="https://kc.example/realms/a", subject="1", user=root)
    with pytest.raises(IntegrityError, match="identity_oidc_user_is_sso"), transaction.atomic():
        OidcIdentity.objects.create(
            issuer="https://kc.example/realms/a", subject="1", user=root, user_kind="local"
        )


def test_an_account_with_an_identity_cannot_become_local() -> None:
    user = User.objects.create(username="sso:1", kind="sso", password="!")
    OidcIdentity.objects.create(issuer="https://kc.example/realms/a", subject="1", user=user)

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(kind="local", username="taken-over")
    with pytest.raises(IntegrityError, match="identity_sso_user_has_no_password"), transaction.atomic():
        User.objects.filter(pk=user.pk).update(password="argon2$x")


def test_an_account_of_keycloak_cannot_sign_in_here_even_with_a_password() -> None:
    user = User.objects.create(username="sso:1", kind="sso", password="!")
    user.set_password(PASSWORD)  # kept in memory only: the database refuses it

    answer = Client().post("/local/login/", {"login": "sso:1", "password": PASSWORD})

    assert answer.status_code == 200
    assert not SignIn.objects.exists()


def test_a_local_account_that_is_no_superuser_stays_outside() -> None:
    User.objects.create_user("plain", password=PASSWORD)

    answer = Client().post("/local/login/", {"login": "plain", "password": PASSWORD})

    assert answer["Location"] == "/sign-in/"
    assert not answer.wsgi_request.user.is_authenticated
