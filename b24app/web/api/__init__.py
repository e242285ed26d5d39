"""The API for programs, version 1: JSON or forms in, JSON out, keys instead of sessions."""

import logging

from flask import Blueprint, Response

from b24app.web.api import description, entries, lists, problems
from b24app.web.api.problems import Problem

log = logging.getLogger(__name__)

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
for part in (entries, lists, description):
    blueprint.register_blueprint(part.blueprint)


@blueprint.errorhandler(Problem)
def refuse(problem: Problem) -> Response:
    log.info("API request refused", extra={"code": str(problem), "fields": ",".join(sorted(problem.errors))})
    return problems.answer(problem)
