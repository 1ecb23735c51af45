"""Mails before something ends, received by a real mail server."""

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone
from pydantic import SecretStr

from access import notices
from access.models import Membership, Notice, Person, PersonRole
from console.audit.models import AuditEvent
from console.env import mail_server
from console.runtime.ports import free_port
from tests.access.declared import DeclaredTenant

pytestmark = pytest.mark.django_db


class Box:
    """A mail box that keeps what comes."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"


@pytest.fixture
def box(settings: Any) -> Iterator[Box]:
    kept = Box()
    port = free_port()
    running = Controller(kept, hostname="127.0.0.1", port=port)
    running.start()
    known = mail_server(SecretStr(f"smtp://127.0.0.1:{port}"))
    assert known is not None
    settings.MAIL, settings.EMAIL_HOST, settings.EMAIL_PORT = known, known.host, known.port
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "gatehouse@example.org"
    yield kept
    running.stop()


@pytest.fixture
def acme() -> DeclaredTenant:
    acme = DeclaredTenant()
    acme.role("developer")
    acme.member("ann", "data")
    acme.person_role("ann", "developer")
    Person.objects.update(email="ann@example.org")
    return acme


def soon(**parts: float) -> None:
    end = timezone.now() + timedelta(**parts)
    PersonRole.objects.update(ends_at=end)
    Membership.objects.update(ends_at=end)


def test_one_mail_tells_a_person_all_that_ends_within_three_days(acme: DeclaredTenant, box: Box) -> None:
    soon(days=2)

    assert notices.once() == 1

    (mail,) = box.mails
    assert mail["To"] == "ann@example.org"
    assert mail["From"] == "gatehouse@example.org"
    assert mail["Subject"].startswith("Access at Acme ends ")
    text = mail.get_content()
    assert "the role developer, until" in text
    assert "the group data, until" in text
    (row,) = AuditEvent.objects.filter(kind="access:term:tell")
    assert (row.actor_name, row.tenant, row.subject) == ("time", "acme", f"Mail to {acme.person('ann')}")


def test_nobody_is_told_twice_of_one_end_and_again_of_a_new_one(acme: DeclaredTenant, box: Box) -> None:
    soon(days=2)
    notices.once()
    assert notices.once() == 0

    soon(days=1)

    assert notices.once() == 1
    assert len(box.mails) == 2


def test_what_ends_later_or_never_is_not_told(acme: DeclaredTenant, box: Box) -> None:
    assert notices.once() == 0
    soon(days=4)
    assert notices.once() == 0
    assert box.mails == []


def test_a_mail_server_that_is_away_is_tried_again(acme: DeclaredTenant, box: Box, settings: Any) -> None:
    soon(days=2)
    there, settings.EMAIL_PORT = settings.EMAIL_PORT, 9

    assert notices.once() == 0
    assert not Notice.objects.exists()

    settings.EMAIL_PORT = there
    assert notices.once() == 1


def test_without_a_mail_server_nothing_is_sent_or_kept(acme: DeclaredTenant) -> None:
    soon(days=2)

    assert notices.once() == 0
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("address", "port", "tls", "starttls"),
    [
        ("smtp://mail.example", 25, False, False),
        ("smtp://u:p%40ss@mail.example:587?tls=1", 587, False, True),
        ("smtps://mail.example", 465, True, False),
    ],
)
def test_the_address_of_a_mail_server(address: str, port: int, tls: bool, starttls: bool) -> None:
    found = mail_server(SecretStr(address))

    assert found is not None
    assert (found.host, found.port, found.tls, found.starttls) == ("mail.example", port, tls, starttls)
    assert found.password == ("p@ss" if "p%40" in address else "")
