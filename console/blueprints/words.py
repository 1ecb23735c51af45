"""Words for names that are not known: the one that was meant, if it is near, or what there is."""

from collections.abc import Iterable
from difflib import get_close_matches

MOST_NAMES = 25  # more of them help nobody


def unknown(name: str, known: Iterable[str], where: str = "here") -> str:
    """Return a sentence that a name is not known, with what may have been meant."""
    names = sorted(known)
    if near := get_close_matches(name, names, n=1, cutoff=0.75):
        return f"There is no “{name}” {where}. “{near[0]}” may be meant."
    if not names:
        return f"There is no “{name}” {where}."
    rest = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"There is no “{name}” {where}. There is: {', '.join(names[:MOST_NAMES])}{rest}."
