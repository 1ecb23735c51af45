"""The forms of bulk changes: a file, and what its columns mean."""

from typing import Any

from django import forms

from access.bulk import reader, result
from access.bulk.columns import FIELDS_OF, LABELS, SEVERAL, Field
from access.bulk.reader import DELIMITERS, ENCODINGS, Table, Unreadable
from access.forms import TenantForm
from console.bulk import jobs
from console.bulk.models import BulkJob
from console.web.forms import Segmented
from console.web.sheets import unprotected

TOO_LARGE = "The file is larger than 10 MB. Split it."
KINDS = [
    (BulkJob.Kind.PEOPLE.value, "People"),
    (BulkJob.Kind.ASSIGNMENTS.value, "Assignments"),
]
MISSING = [("refuse", "Leave the row out"), ("create", "Create them")]
SEPARATORS = [
    (";", "Semicolon"),
    (",", "Comma"),
    ("|", "Vertical bar"),
    ("line", "New line"),
    ("-", "Nothing"),
]
EXISTING = [("update", "Bring up to date"), ("leave", "Leave as they are")]


class UploadForm(TenantForm):
    """A CSV file of people or of assignments."""

    kind = forms.ChoiceField(
        choices=KINDS,
        widget=Segmented,
        label="The file holds",
        help_text="People with what they are given; or who is given, or loses, which group or role.",
    )
    file = forms.FileField(
        label="CSV file",
        max_length=255,
        help_text="At most 10 MB, 50,000 rows and 64 columns. The first line names the columns.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
    )
    encoding = forms.ChoiceField(
        choices=[("", "Find out"), *ENCODINGS.items()],
        required=False,
        help_text="What was found out stands on the next page.",
    )
    delimiter = forms.ChoiceField(
        choices=[("", "Find out"), *((mark, name.capitalize()) for mark, name in DELIMITERS.items())],
        required=False,
        label="Columns are parted by",
    )
    table: Table

    def __init__(self, *args: Any, is_too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_too_large:  # it was dropped on its way in
            self.fields["file"].error_messages["required"] = TOO_LARGE

    def clean(self) -> dict[str, Any]:
        """Read the file through. What is wrong with it stands beside the field, with its line."""
        values = super().clean() or self.cleaned_data
        if "file" not in values or self.errors:
            return values
        if values["file"].size > reader.MOST_BYTES:
            self.add_error("file", TOO_LARGE)
            return values
        try:
            self.table = reader.read(
                values["file"].read(), encoding=values["encoding"], delimiter=values["delimiter"]
            )
        except Unreadable as error:
            self.add_error("file", str(error))
        return values


class MappingForm(TenantForm):
    """What each column means, and how rows are to be read."""

    separator = forms.ChoiceField(
        choices=SEPARATORS,
        label="Several names in one cell are parted by",
        help_text="Or give each a column of its own: a field may be chosen for several columns.",
    )
    missing = forms.ChoiceField(
        choices=MISSING,
        widget=Segmented,
        label="Unknown groups and roles",
        help_text="Left out rows are listed, and you can still change your mind after the check.",
    )
    existing = forms.ChoiceField(
        choices=EXISTING,
        widget=Segmented,
        label="People who exist",
        help_text="An update never empties a field: an empty cell leaves what is there.",
    )

    def __init__(self, *args: Any, job: BulkJob, **kwargs: Any) -> None:
        self.job = job
        chosen = job.options.get("fields", [])
        first = {name: job.options.get(name) for name in ("missing", "existing", "separator")}
        first |= {self.name_of(place): one for place, one in enumerate(chosen)}
        first["separator"] = {"": "-", "\n": "line"}.get(separator := first["separator"] or "", separator)
        super().__init__(*args, initial=first, **kwargs)
        choices = [("", "Do not use"), *((one.value, LABELS[one]) for one in FIELDS_OF[job.kind])]
        for place, column in enumerate(job.columns):
            self.fields[self.name_of(place)] = forms.ChoiceField(
                choices=choices, required=False, label=column
            )
        if job.kind != BulkJob.Kind.PEOPLE:
            del self.fields["existing"]

    @staticmethod
    def name_of(place: int) -> str:
        return f"column_{place}"

    @property
    def chosen(self) -> list[str]:
        """The field of each column, in the order of the columns."""
        return [self.cleaned_data.get(self.name_of(place), "") for place in range(len(self.job.columns))]

    @property
    def reading(self) -> dict[str, str]:
        """How rows are to be read, as the job keeps it."""
        separator = self.cleaned_data["separator"]
        kept: dict[str, str] = {
            name: self.cleaned_data[name] for name in ("missing", "existing") if name in self.cleaned_data
        }
        return {**kept, "separator": {"-": "", "line": "\n"}.get(separator, separator)}

    @property
    def columns(self) -> list[tuple[forms.BoundField, list[str]]]:
        """Each column's field with what stands in the first rows."""
        rows = _first_rows(self.job)
        return [
            (self[self.name_of(place)], [row[place] if place < len(row) else "" for row in rows])
            for place in range(len(self.job.columns))
        ]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        chosen = self.chosen
        if Field.USERNAME not in chosen:
            self.add_error(None, "Say which column holds the user name.")
        for one in FIELDS_OF[self.job.kind]:
            if one not in SEVERAL and chosen.count(one) > 1:
                second = [place for place, name in enumerate(chosen) if name == one][1]
                self.add_error(self.name_of(second), f"{LABELS[one]} is said of another column already.")
        if self.job.kind == BulkJob.Kind.ASSIGNMENTS and not SEVERAL & set(chosen):
            self.add_error(None, "Say which column holds groups, roles, entitlements or families.")
        return values


SHOWN = 5


def _first_rows(job: BulkJob) -> list[tuple[str, ...]]:
    """Return the cells of the first rows, as the file has them."""
    rows = []
    for row in reader.table_of(jobs.text_of(job), delimiter=job.delimiter).rows():
        cells = map(unprotected, row.cells) if result.is_result(job.columns) else row.cells
        rows.append(tuple(cells))
        if len(rows) == SHOWN:
            break
    return rows
