"""A platform on the real Keycloak, an administrator who is signed in, and imports as pages order them."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from access.bulk import reader, uploads
from access.bulk.columns import guessed
from console.bulk import jobs, orders, working
from console.bulk.models import BulkJob
from console.identity.acting import actor_named
from console.identity.actor import Actor
from console.permissions.policy import ADMIN
from tests.factories import Platform, database, new_platform, platform
from tests.operators import sign_in_as

__all__ = ["database", "new_platform", "platform"]


def csv_of(*rows: Iterable[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";").writerows(rows)
    return buffer.getvalue().encode()


@dataclass(frozen=True)
class Imports:
    """The orders of an administrator, carried out as a worker does."""

    platform: Platform
    actor: Actor

    def keep(self, kind: str, content: bytes) -> BulkJob:
        return uploads.keep_file(
            actor=self.actor,
            tenant=self.platform.row,
            kind=kind,
            file_name="people.csv",
            table=reader.read(content),
        )

    def check(self, kind: str, content: bytes, **options: Any) -> BulkJob:
        """Upload, name the columns as they are guessed, and check."""
        job = self.keep(kind, content)
        told = {**uploads.DEFAULTS, "separator": "|", **options}
        fields = guessed(kind, job.columns, {})
        uploads.name_columns(job, actor=self.actor, fields=fields, options=told)
        return self.work(job)

    def select(self, **options: Any) -> BulkJob:
        job = uploads.keep_selection(
            actor=self.actor, tenant=self.platform.row, title="Change several", options=options
        )
        return self.work(job)

    def apply(self, job: BulkJob, reason: str = "for a test") -> BulkJob:
        """Approve the plan on its page, and let a worker keep it."""
        assert job.plan is not None, job.sentence
        orders.LATER.apply(actor=self.actor, plan=job.plan, reason=reason, ticket="T-1")
        return self.work(job)

    def work(self, job: BulkJob) -> BulkJob:
        """Do what a worker would do next."""
        now = self.again(job)
        do = working.check if now.state == BulkJob.State.CHECKING else working.apply
        do(f"{now.pk}:{now.order}")
        return self.again(job)

    def again(self, job: BulkJob) -> BulkJob:
        return jobs.one_of(self.platform.tenant, job.pk)


def outcomes(job: BulkJob) -> dict[int, str]:
    return dict(job.rows.values_list("line", "outcome"))


def sentences(job: BulkJob) -> dict[int, list[str]]:
    rows = job.rows.exclude(errors=[]).values_list("line", "errors")
    return {line: [one["sentence"] for one in errors] for line, errors in rows}


@pytest.fixture
def imports(platform: Platform) -> Imports:
    user = sign_in_as(Client(), "mira", roles=(ADMIN,))
    return Imports(platform, actor_named(user.username, clock=timezone.now))
