"""Parts of a change that fail alone, pauses, and how far a run has come."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sync", "0002_touched_set_aside")]
    operations = [
        migrations.AddField("scope", "is_paused", models.BooleanField(default=False)),
        migrations.AddField("plan", "size", models.PositiveIntegerField(default=0)),
        migrations.AddField("plan", "counts", models.JSONField(default=list)),
        migrations.AddField("touched", "part", models.CharField(blank=True, default="", max_length=300)),
        migrations.AddField("run", "done", models.PositiveIntegerField(default=0)),
        migrations.AddField("run", "parts", models.PositiveIntegerField(default=0)),
        migrations.AddField("run", "parts_done", models.PositiveIntegerField(default=0)),
        migrations.AddField("run", "parts_failed", models.PositiveIntegerField(default=0)),
        migrations.AlterField(
            "run",
            "state",
            models.CharField(
                choices=[
                    ("running", "Running"),
                    ("done", "Done"),
                    ("failed", "Failed"),
                    ("blocked", "Blocked"),
                    ("unknown", "Unknown"),
                    ("lost", "Taken over"),
                    ("paused", "Paused"),
                ],
                default="running",
                max_length=16,
            ),
        ),
        migrations.AddField("step", "part", models.CharField(blank=True, default="", max_length=300)),
        migrations.AddIndex(
            "step",
            models.Index(
                condition=models.Q(("plan_id__isnull", False)), fields=["plan_id"], name="sync_step_plan"
            ),
        ),
    ]
