"""The address of the page that is shown, with some of what it asks for changed."""

from collections.abc import Callable

from django.http import QueryDict

Address = Callable[..., str]
"""Takes values of the query by name, and returns the address with them; what is empty is taken out."""

OF_A_LIST = ("page", "row", "column")


def nowhere(**_: object) -> str:
    """Return no address: for what is no page."""
    return ""


def address_of(path: str, query: QueryDict) -> Address:
    """Return what gives addresses of this page. The page of rows and the open cell are left behind."""

    def changed(**changes: object) -> str:
        wanted = query.copy()
        for name in OF_A_LIST:
            wanted.pop(name, None)
        for name, value in changes.items():
            if value:
                wanted[name] = str(value)
            else:
                wanted.pop(name, None)
        encoded = wanted.urlencode()
        return f"{path}?{encoded}" if encoded else path

    return changed
