"""Numbers that are counted only as far as anybody wants to know."""

from b24app.i18n import gettext as _
from b24app.i18n import written
from b24app.services.reports.deliveries import MOST_COUNTED


def in_words(number: int, most: int = MOST_COUNTED) -> str:
    """What is beyond ``most`` was not counted to the end."""
    return written(number) if number <= most else _("more than %(count)s") % {"count": written(most)}
