from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("sync", "0009_what_a_plan_says"),
    ]

    operations = [
        migrations.AddField(
            model_name="plan",
            name="here",
            field=models.JSONField(default=dict),
        ),
    ]
