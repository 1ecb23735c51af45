import uuid

import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="SpentLogoutToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("jti", models.CharField(max_length=255, unique=True)),
                ("spent_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                (
                    "date_joined",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("sso", "Keycloak"), ("local", "Local (break-glass)")],
                        default="local",
                        editable=False,
                        max_length=5,
                    ),
                ),
                ("shown_name", models.CharField(blank=True, default="", editable=False, max_length=255)),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "abstract": False,
                "swappable": "AUTH_USER_MODEL",
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="OidcIdentity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("issuer", models.CharField(max_length=512)),
                ("subject", models.CharField(max_length=255)),
                ("user_kind", models.CharField(default="sso", editable=False, max_length=5)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="oidc_identity",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "identity at Keycloak",
                "verbose_name_plural": "identities at Keycloak",
            },
        ),
        migrations.CreateModel(
            name="SignIn",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("subject", models.CharField(blank=True, default="", max_length=255)),
                ("sid", models.CharField(blank=True, db_index=True, default="", max_length=255)),
                ("roles", models.JSONField(default=list)),
                ("groups", models.JSONField(default=list)),
                ("sealed_refresh_token", models.TextField(blank=True, default="")),
                ("sealed_id_token", models.TextField(blank=True, default="")),
                ("is_complete", models.BooleanField(default=True)),
                ("address", models.GenericIPAddressField(null=True)),
                ("signed_in_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("checked_at", models.DateTimeField()),
                ("claimed_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_why", models.CharField(blank=True, default="", max_length=200)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sign_ins",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "sign-in",
            },
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(fields=("id", "kind"), name="identity_user_id_kind"),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "sso"), ("username__startswith", "sso:")),
                    models.Q(("kind", "local"), models.Q(("username__startswith", "sso:"), _negated=True)),
                    _connector="OR",
                ),
                name="identity_user_name_shows_kind",
                violation_error_message="Names that begin with “sso:” are kept for accounts of Keycloak.",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "local"), ("password__startswith", "!"), _connector="OR"),
                name="identity_sso_user_has_no_password",
                violation_error_message="An account of Keycloak has no password here.",
            ),
        ),
        migrations.AddConstraint(
            model_name="oidcidentity",
            constraint=models.UniqueConstraint(
                fields=("issuer", "subject"), name="identity_oidc_issuer_subject"
            ),
        ),
        migrations.AddConstraint(
            model_name="oidcidentity",
            constraint=models.CheckConstraint(
                condition=models.Q(("user_kind", "sso")), name="identity_oidc_user_is_sso"
            ),
        ),
        migrations.AddIndex(
            model_name="signin",
            index=models.Index(fields=["-signed_in_at"], name="identity_signin_newest"),
        ),
        migrations.AddConstraint(
            model_name="signin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("ended_why", "")),
                    models.Q(("ended_at__isnull", False), models.Q(("ended_why", ""), _negated=True)),
                    _connector="OR",
                ),
                name="identity_signin_end_has_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="signin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at", None),
                    models.Q(("sealed_id_token", ""), ("sealed_refresh_token", "")),
                    _connector="OR",
                ),
                name="identity_signin_end_drops_tokens",
            ),
        ),
        migrations.AddConstraint(
            model_name="signin",
            constraint=models.CheckConstraint(
                condition=models.Q(("checked_at__gte", models.F("signed_in_at"))),
                name="identity_signin_checked_after_start",
            ),
        ),
        migrations.RunSQL(
            # A local account can never carry an identity of Keycloak: the kinds are tied in the database.
            sql="""
                ALTER TABLE identity_oidcidentity ADD CONSTRAINT identity_oidc_only_for_sso_users
                FOREIGN KEY (user_id, user_kind) REFERENCES identity_user (id, kind)
                DEFERRABLE INITIALLY IMMEDIATE
            """,
            reverse_sql="ALTER TABLE identity_oidcidentity DROP CONSTRAINT identity_oidc_only_for_sso_users",
        ),
        migrations.RunSQL(
            # The shared cache (rate limits, used one-time codes), as `createcachetable` makes it.
            sql="""
                CREATE TABLE IF NOT EXISTS cache_entries (
                    cache_key varchar(255) NOT NULL PRIMARY KEY,
                    value text NOT NULL,
                    expires timestamptz NOT NULL
                );
                CREATE INDEX IF NOT EXISTS cache_entries_expires ON cache_entries (expires);
            """,
            reverse_sql="DROP TABLE cache_entries",
        ),
    ]
