"""The WSGI entry: ``gunicorn app:app`` and ``flask --app app ...`` start here."""

import sys

from b24app import cli, create_app
from b24app.config import Config, ConfigInvalid

# gunicorn restarts a worker that leaves with any other code; 4 is its own "the application cannot be loaded".
EXIT_CODE_CANNOT_LOAD = 4

try:
    app = create_app(Config.from_environment(), has_pages=not cli.is_command(sys.argv))
except ConfigInvalid as problem:
    print(problem, file=sys.stderr)  # noqa: T201 - there is no logging before there are settings
    sys.exit(EXIT_CODE_CANNOT_LOAD)
