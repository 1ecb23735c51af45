"""What the address and the body of a request say beside their shapes: flags, words to look for, reasons."""

from collections.abc import Mapping

from rest_framework.request import Request

from console.api.rest.errors import Wrong

LONGEST_WORDS = 200


def flag_in(request: Request, name: str) -> bool:
    """Return a yes or no of the address, no where it is not there. Raises Wrong."""
    text = request.query_params.get(name, "false").lower()
    if text not in ("true", "false"):
        raise Wrong("Some fields are wrong.", fields={name: ["Write true or false."]})
    return text == "true"


def words_in(request: Request, name: str) -> str:
    """Return what the address says under a name, as the pages read it. Raises Wrong."""
    text: str = request.query_params.get(name, "")
    if "\0" in text:
        raise Wrong("Some filters are wrong.", fields={name: ["Null characters are not allowed."]})
    return text.strip()[:LONGEST_WORDS]


def text_in(request: Request, name: str) -> str:
    """Return a text of the body, "" where there is none."""
    value = request.data.get(name, "") if isinstance(request.data, Mapping) else ""
    return value if isinstance(value, str) else ""
