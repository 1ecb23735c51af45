"""Which groups stand above a group was kept with what it reaches, and nobody asked."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("access", "0009_who_planned_and_why_not")]
    operations: ClassVar = [migrations.RemoveField(model_name="keptclosure", name="groups")]
