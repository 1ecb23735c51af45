"""Plans and runs."""

from django.urls import path

from console.sync import views
from console.sync.drift import views as drift

app_name = "sync"
urlpatterns = [
    path("plans/<uuid:pk>/", views.plan_detail, name="plan-detail"),
    path("plans/<uuid:pk>/apply/", views.plan_apply, name="plan-apply"),
    path("plans/<uuid:pk>/discard/", views.plan_discard, name="plan-discard"),
    path("plans/<uuid:pk>/read-again/", views.plan_read_again, name="plan-read-again"),
    path("plans/<uuid:pk>/renew/", views.plan_renew, name="plan-renew"),
    path("plans/<uuid:pk>/revert/", views.plan_revert, name="plan-revert"),
    path("sync/", views.run_list, name="run-list"),
    path("sync/runs/<uuid:pk>/", views.run_detail, name="run-detail"),
    path("sync/realms/<int:pk>/retry/", views.scope_retry, name="scope-retry"),
    path("sync/realms/<int:pk>/read/", views.scope_read, name="scope-read"),
    path("drift/", drift.drift_list, name="drift-list"),
    path("drift/<uuid:pk>/", drift.drift_detail, name="drift-detail"),
    path("drift/push/", drift.drift_push, name="drift-push"),
    path("drift/take/", drift.drift_take, name="drift-take"),
    path("drift/accept/", drift.drift_accept, name="drift-accept"),
    path("drift/ignore/", drift.drift_ignore, name="drift-ignore"),
    path("drift/notice/", drift.drift_notice, name="drift-notice"),
    path("drift/export/", drift.drift_export, name="drift-export"),
    path("drift/realms/<int:pk>/pause/", drift.drift_pause, name="drift-pause"),
    path("drift/check/", drift.drift_check, name="drift-check"),
    path("drift/realms/<int:pk>/schedule/", drift.drift_schedule, name="drift-schedule"),
    path("drift/realms/<int:pk>/events/", drift.drift_events, name="drift-events"),
]
