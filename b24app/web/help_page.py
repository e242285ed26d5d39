"""The help: a public page for people and administrators, to whose parts the application links."""

from flask import Blueprint, Response

from b24app.web import frame
from b24app.web.admin.gate import section_names, section_subjects

blueprint = Blueprint("help", __name__)


@blueprint.get("/help")
def show() -> Response:
    subjects = section_subjects()
    sections = [{"key": key, "name": name, "subject": subjects[key]} for key, name in section_names().items()]
    return frame.page_for_anyone("help.html", sections=sections)
