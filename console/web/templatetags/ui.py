"""The one tag library of the pages. It is a builtin: templates need no `{% load %}`."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.core.paginator import Page
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from console.web.icons import OUTLINE, SPRITE
from console.web.status import look_of
from console.web.tables import order_of

register = template.Library()

KEEPS_PAGE = frozenset({"page", "row", "column"})


class UnknownIcon(template.TemplateSyntaxError):
    """A template names an icon that the sprite does not hold."""


@register.simple_tag
def icon(name: str, label: str = "", extra: str = "") -> SafeString:
    """Return an icon. Without `label` it is decoration; with one it is read aloud."""
    if name not in OUTLINE:
        raise UnknownIcon(f"The sprite has no icon {name!r}: add it to console/web/icons.py.")
    href = f"{static(SPRITE)}#{name}"
    if label:
        return format_html(
            '<svg class="icon {}" role="img" aria-label="{}"><use href="{}"></use></svg>', extra, label, href
        )
    return format_html('<svg class="icon {}" aria-hidden="true"><use href="{}"></use></svg>', extra, href)


@register.simple_tag
def chip(text: object, tone: str = "grey", icon_name: str = "", title: str = "") -> SafeString:
    """Return a chip. Tone: green, amber, red, blue, grey, outline. The icon carries it in print."""
    mark = icon(icon_name) if icon_name else SafeString("")
    hint = format_html(' title="{}"', title) if title else SafeString("")
    return format_html('<span class="chip chip-{}"{}>{}{}</span>', tone, hint, mark, text)


@register.simple_tag
def status(key: object, reason: str = "") -> SafeString:
    """Return the chip of a status word, with its reason in grey behind it."""
    look = look_of(key)
    mark = format_html(
        '<span class="chip chip-{}"><span class="dot dot-{}"></span>{}</span>',
        look.tone,
        look.dot,
        look.label,
    )
    if not reason:
        return mark
    return format_html('{} <span class="status-reason">{}</span>', mark, reason)


@register.simple_tag
def ago(moment: datetime | None, never: str = "never") -> SafeString:
    """Return "2 minutes ago" that stays true, with the absolute time in UTC on hover."""
    if moment is None:
        return format_html('<span class="text-secondary">{}</span>', never)
    utc = moment.astimezone(timezone.get_default_timezone())
    absolute = utc.strftime("%-d %b %Y, %H:%M:%S UTC")
    return format_html(
        '<relative-time datetime="{}" title="{}" no-title tense="past" format="relative">{}</relative-time>',
        moment.isoformat(),
        absolute,
        utc.strftime("%-d %b %Y, %H:%M UTC"),
    )


@register.filter
def on_day(moment: datetime | None) -> str:
    """Return a date such as `3 Mar 2026`, or an empty text."""
    return moment.astimezone(timezone.get_default_timezone()).strftime("%-d %b %Y") if moment else ""


@register.filter
def at_time(moment: datetime | None) -> str:
    """Return a time of day such as `02:14 UTC`, or an empty text."""
    return moment.astimezone(timezone.get_default_timezone()).strftime("%H:%M UTC") if moment else ""


@register.simple_tag
def until(moment: datetime | None, begins: datetime | None = None) -> SafeString:
    """Return how long something lasts: no end, or the time left and the date; redder the sooner it ends.

    What has not begun says from when instead.
    """
    now = timezone.now()
    if begins is not None and begins > now:
        return chip(f"from {on_day(begins)}", "blue", "clock", f"Begins {on_day(begins)}, {at_time(begins)}")
    if moment is None:
        return format_html('<span class="text-secondary">{}</span>', "no end")
    return _ends(moment, moment - now)


@register.simple_block_tag(takes_context=True)
def filters(context: template.Context, content: SafeString, what: str, text: str | None = "") -> str:
    """Return the filter of a list that is refreshed in place: a text, and what else stands in the block."""
    shown = {"path": context["request"].path, "what": what, "text": text, "further": content}
    shown["changes"] = "<select" in content
    return render_to_string("components/filters.html", shown)


@register.simple_tag
def term(grant: Any) -> SafeString:
    """Return from and until when a grant holds: of one that has begun only its end."""
    if not grant.is_planned:
        return until(grant.ends_at)
    begins, ends = until(None, grant.starts_at), until(grant.ends_at)
    return format_html("{} {}", begins, ends) if grant.ends_at else begins


def _ends(moment: datetime, left: timedelta) -> SafeString:
    tone = "red" if left < RED else "amber" if left < AMBER else "grey"
    title = f"Ends {on_day(moment)}, {at_time(moment)}"
    return chip(f"{_left(left)} · {on_day(moment)}", tone, "clock" if tone != "grey" else "", title)


RED, AMBER = timedelta(days=3), timedelta(days=14)


def _left(left: timedelta) -> str:
    """Return a time left in its largest unit: `3 days`, `5 h`, `over` once it is."""
    minutes = int(left.total_seconds() // 60)
    if minutes < 0:
        return "over"
    if minutes < 120:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // 1440} days"


@register.filter
def time_left(moment: datetime) -> str:
    """Return the time left in its largest unit: `3 days`, `5 h`."""
    return _left(moment - timezone.now())


@register.filter
def initials(name: object) -> str:
    """Return one or two capitals for a mark, `?` for an empty name."""
    words = [word for word in str(name).replace(".", " ").replace("-", " ").split() if word[0].isalnum()]
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [word[0] for word in words]
    return "".join(letters).upper() or "?"


@register.simple_tag
def bar(value: int, most: int, width: int = 108) -> SafeString:
    """Return a bar of `value` out of `most`; the number beside it says the same in text."""
    filled = round(width * min(value, most) / most) if most else 0
    return format_html(
        '<svg class="bar" width="{0}" height="6" aria-hidden="true">'
        '<rect class="bar-all" width="{0}" height="6" rx="2"></rect>'
        '<rect class="bar-part" width="{1}" height="6" rx="2"></rect></svg>',
        width,
        filled,
    )


@register.simple_tag(takes_context=True)
def url_with(context: template.Context, **changes: Any) -> str:
    """Return the current address with query values set, or taken out where None or empty.

    A page number belongs to one list: it falls away when anything changes that makes another list.
    """
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    if not changes.keys() <= KEEPS_PAGE:
        query.pop("page", None)
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = str(value)
    encoded = query.urlencode()
    return f"{request.path}?{encoded}" if encoded else request.path


@register.filter
def page_numbers(page: "Page[Any]") -> list[int]:
    """Return the numbers to show, with 0 where numbers are left out."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [number if isinstance(number, int) else 0 for number in numbers]


@register.filter
def field_words(name: str) -> str:
    """Return a field's name for reading: `sso session max`."""
    return name.replace("_", " ")


@register.filter
def told(value: Any) -> str:
    """Return a kept value for reading: on, off, empty, or the parts of a list."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "empty" if value in ("", None) else str(value)


@register.filter
def worth_telling(changes: list[tuple[str, Any, Any]]) -> list[tuple[str, Any, Any]]:
    """Return the changes without fields that were never filled in: nothing before, empty after."""
    return [one for one in changes if one[1] is not None or one[2] not in ("", None, [])]


@register.filter
def faulty_fields(form: Any) -> list[Any]:
    """Return the fields of a form that have an error, in the order of the form."""
    return [field for field in form.visible_fields() if field.errors]


register.filter("order_of", order_of)
