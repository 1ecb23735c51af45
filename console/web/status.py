"""How each status word looks. The words are said once here; the colour is never alone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """A word, the tone of its chip and the tone of its dot."""

    label: str
    tone: str
    dot: str


_LOOKS = {
    "in-sync": Look("In sync", "green", "green"),
    "pending": Look("Pending", "blue", "blue"),
    "applying": Look("Applying", "blue", "blue"),
    "blocked": Look("Blocked", "amber", "amber"),
    "failed": Look("Failed", "red", "red"),
    "dead": Look("Given up", "red", "red"),
    "paused": Look("Paused", "grey", "grey"),
    "drifted": Look("Drifted", "amber", "amber"),
    "observed": Look("Observed", "grey", "grey"),
    "active": Look("Active", "green", "green"),
    "disabled": Look("Disabled", "grey", "grey"),
    "planned": Look("Begins later", "blue", "blue"),
    "not-begun": Look("Not begun", "amber", "amber"),
    "ended": Look("Ended", "grey", "grey"),
    "unmanaged": Look("Unmanaged", "grey", "grey"),
    # Outlined, so that what nobody could read never looks healthy.
    "unknown": Look("Unknown", "outline", "grey"),
}


def look_of(key: object) -> Look:
    """Return how a status looks. A word nobody declared looks unknown, with its own name."""
    word = str(getattr(key, "value", key)).replace("_", "-").replace(" ", "-").lower()
    return _LOOKS.get(word) or Look(str(key).capitalize(), "outline", "grey")
