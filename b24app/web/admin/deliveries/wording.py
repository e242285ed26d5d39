"""The state of an entry and its reason, in words for administrators."""

from b24app.i18n import gettext as _
from b24app.models import EntryState, LogEntry
from b24app.services.delivery import retry
from b24app.services.reports.deliveries import Standing
from b24app.web import sentences
from b24app.web.sentences import Reader


def name_of(standing: Standing) -> str:
    names = {
        Standing.OPEN: _("Not on the timeline"),
        Standing.WAITING: _("Waiting"),
        Standing.UNSURE: _("Unsure"),
        Standing.FAILED: _("Refused or given up"),
        Standing.SENT: _("On the timeline"),
        Standing.DELETED: _("Deleted"),
        Standing.ALL: _("All entries"),
    }
    return names[standing]


def standing_of(entry: LogEntry) -> tuple[str, str]:
    """The style and the label of an entry's badge."""
    if entry.deleted_at:
        return "deleted", _("Deleted")
    if entry.reason in retry.GIVEN_UP_REASONS:
        return "failed", _("Given up")
    return {
        EntryState.PENDING: ("waiting", _("Waiting")),
        EntryState.SENDING: ("waiting", _("Being sent")),
        EntryState.UNSURE: ("waiting", _("Unsure")),
        EntryState.FAILED: ("failed", _("Refused")),
        EntryState.SENT: ("sent", _("On the timeline")),
    }[entry.state]


def of_entry(entry: LogEntry) -> str:
    """Why an entry is not on the timeline; empty if it is or was."""
    if entry.deleted_at or entry.state == EntryState.SENT:
        return ""
    return sentences.of_entry(entry, Reader.ADMINISTRATOR)


def nameless(*, is_there: bool) -> str:
    """Replaces the title of an entry whose text is no longer stored."""
    return _("(only on the timeline)") if is_there else _("(deleted by the author)")


def hint(entry: LogEntry) -> str:
    """What to know before retrying a refused entry."""
    is_known = entry.state == EntryState.FAILED and entry.attempts <= 1 and not (entry.deleted_at or entry.set_id)
    return _("The author saw this at once and may have written it again.") if is_known else ""
