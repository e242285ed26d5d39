"""Formats numbers that are only counted up to a limit."""

from b24app.i18n import gettext as _
from b24app.i18n import written
from b24app.services.reports.deliveries import MOST_COUNTED


def in_words(number: int, most: int = MOST_COUNTED) -> str:
    """The number, or "more than ``most``" beyond it."""
    return written(number) if number <= most else _("more than %(count)s") % {"count": written(most)}
