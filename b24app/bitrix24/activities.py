"""The subject of the activity from whose menu Logbook was opened. Pure.

Docs: https://apidocs.bitrix24.com/api-reference/widgets/crm/activity-timeline-menu.html
and …/api-reference/crm/timeline/activities/activity-base/crm-activity-get.html
"""

from b24app.bitrix24.calls import Answers, Call, as_map
from b24app.errors import LogbookError

KEY = "activity"


def questions(activity_id: int | None) -> dict[str, Call]:
    """The calls that read the activity; empty if Logbook was opened elsewhere."""
    return {KEY: Call("crm.activity.get", {"id": activity_id})} if activity_id else {}


def read_subject(answers: Answers) -> str:
    """The activity's subject; empty if there is none or this person may not read it."""
    try:
        subject = as_map(answers[KEY]).get("SUBJECT")
    except LogbookError:
        return ""
    return subject if isinstance(subject, str) else ""
