"""How long tokens live that are out already: what a revocation may truly say of them.

From what was read of the realm and its clients. A refreshed token has no longer what was taken away; one that
was issued before is valid until it ends by itself for everybody who does not ask Keycloak.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Q, QuerySet

from console.engine.fields_of import REALM_FIELDS
from console.engine.kinds import REALM
from console.engine.operation import Action
from console.engine.state import Address, Kind
from console.graph.edges import EdgeKind
from console.sync.models import Observed, Scope, Step

NAMED = 3  # clients whose tokens live longer, named in a sentence


@dataclass(frozen=True, kw_only=True)
class Lifespans:
    """Seconds. `longer` are clients with a longer life of their own, the longest first.

    `is_whole` is False where only the realm itself was read: a client may have a longer life than is known.
    """

    realm: int
    longest: int
    longer: tuple[tuple[str, int], ...]
    session_idle: int
    session_max: int
    offline_idle: int
    is_whole: bool

    @property
    def words(self) -> str:
        """Say who issues tokens for how long."""
        told = f"The realm issues access tokens for {span(self.realm)}"
        named = [f"{name} for {span(seconds)}" for name, seconds in self.longer[:NAMED]]
        if len(self.longer) > NAMED:
            named.append(f"{len(self.longer) - NAMED} more clients for longer than the realm")
        return f"{', '.join([told, *named])}. {self._sessions}"

    @property
    def _sessions(self) -> str:
        unread = "" if self.is_whole else " The clients were not read yet: one may issue them for longer."
        return (
            "Sessions go on, and tokens that are renewed in them no longer carry it. "
            f"An unused session ends after {span(self.session_idle)}, any after {span(self.session_max)}, "
            f"an unused offline session after {span(self.offline_idle)}.{unread}"
        )


def lifespans_of(scope: Scope) -> Lifespans | None:
    """Return how long tokens of a realm live, with one query; None where it was never read."""
    rows = Observed.objects.filter(Q(address=REALM.key) | Q(kind=Kind.CLIENT), scope=scope).values_list(
        "address", "fields"
    )
    found = dict(rows)
    settings = found.pop(REALM.key, None)
    if settings is None:
        return None
    return _lifespans(settings, found, is_whole=scope.read_at is not None)


def _lifespans(settings: dict[str, Any], clients: dict[str, dict[str, Any]], *, is_whole: bool) -> Lifespans:
    def of(name: str) -> int:
        return int(settings.get(name, REALM_FIELDS[name].default))

    session = max(of("sso_session_max"), of("sso_session_max_remember_me"))
    realm = min(of("access_token_lifespan"), session)
    own = [(Address.parse(key).path[0], _of_client(one, of, session)) for key, one in clients.items()]
    longer = sorted(((name, life) for name, life in own if life > realm), key=lambda one: (-one[1], one[0]))
    return Lifespans(
        realm=realm,
        longest=longer[0][1] if longer else realm,
        longer=tuple(longer),
        session_idle=of("sso_session_idle"),
        session_max=session,
        offline_idle=of("offline_session_idle"),
        is_whole=is_whole,
    )


def _of_client(fields: dict[str, Any], of: Any, session: int) -> int:
    """Return how long a client's access tokens live at most. A session caps them; accounts have none."""
    own = int(fields.get("access_token_lifespan") or 0) or of("access_token_lifespan")
    if own < 0:  # as long as the session
        own = session
    if fields.get("implicit_flow"):
        own = max(own, of("access_token_lifespan_implicit"))
    return own if fields.get("service_accounts") else min(own, session)


def still_out(scope: Scope, *, since: datetime | None, now: datetime) -> tuple[str, str]:
    """Return what to say of tokens that are out, and why, "" where there is no more to say.

    `since` is when something was taken away, None where it is still to be.
    """
    life = lifespans_of(scope)
    if life is None:
        return "Tokens issued before stay valid until they end by themselves.", "This realm was not read yet."
    if since is None:
        return f"Tokens issued before may be valid for {span(life.longest)} after it is done.", life.words
    until = since + timedelta(seconds=life.longest)
    moment = f"{until:%H:%M:%S} UTC" + ("" if until.date() == now.date() else f" on {until:%-d %b %Y}")
    if until <= now:
        return f"Removed {since:%H:%M:%S} UTC. No token issued before is valid any more, since {moment}.", ""
    return f"Removed {since:%H:%M:%S} UTC. Tokens issued before may be valid until {moment}.", life.words


def removed_at(steps: QuerySet[Step]) -> datetime | None:
    """Return when the last right that these steps took away was gone from Keycloak, None for none."""
    gone = steps.filter(_GIVING, action=Action.DELETE, state=Step.State.DONE)
    at: datetime | None = gone.aggregate(at=Max("finished_at"))["at"]
    return at


_GIVING = Q(*(("address__startswith", f"{kind.value}:") for kind in EdgeKind), _connector=Q.OR)


def span(seconds: int) -> str:
    """Return a time in words: `5 minutes`, `8 hours`, `30 days`."""
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            count = seconds // size
            return f"{count} {word}{'' if count == 1 else 's'}"
    if seconds >= 3_600:
        return f"{seconds // 3_600} h {seconds % 3_600 // 60} min"
    return f"{seconds} seconds"
