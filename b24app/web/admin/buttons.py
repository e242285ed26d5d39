"""The choice of what the button above the timeline opens, in the section "Where it shows"."""

import re

from flask import request

from b24app.bitrix24.entities import button_of
from b24app.i18n import gettext as _
from b24app.services.settings.places import Button
from b24app.services.setup.bindings import Survey

# A kind's number alone means a page, which was once the only choice.
VALUE = re.compile(r"([1-9][0-9]{0,8})(-native)?", re.ASCII)


def names() -> dict[Button, str]:
    return {
        Button.NONE: _("No button"),
        Button.PAGE: _("Opens Logbook’s page"),
        Button.NATIVE: _("A form that Bitrix24 draws"),
    }


def typed() -> dict[int, Button]:
    """The choices of this request's form, by kind of card; kinds without a button are left out."""
    found = [match for value in request.form.getlist("button") if (match := VALUE.fullmatch(value))]
    return {int(match[1]): Button.NATIVE if match[2] else Button.PAGE for match in found}


def row(type_id: int, chosen: Button, survey: Survey) -> dict[str, object]:
    """The choices of one kind of card, and a note if the portal does not draw the form that it should."""
    values = {Button.NONE: "", Button.PAGE: str(type_id), Button.NATIVE: f"{type_id}-native"}
    offered = [{"value": values[one], "name": name, "is_chosen": one == chosen} for one, name in names().items()]
    if chosen == Button.NATIVE and survey.forgets_native(button_of(type_id)):
        return {"choices": offered, "look": "absent", "note": _("this Bitrix24 opens it as a page")}
    return {"choices": offered}
