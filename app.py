"""The WSGI entry: ``gunicorn app:app`` and ``flask --app app ...`` start here."""

import gc
import sys

from flask import Flask

# gunicorn restarts a worker that leaves with any other code; 4 is its own "the application cannot be loaded".
EXIT_CODE_CANNOT_LOAD = 4


def load() -> Flask:
    """Load everything without looking for garbage, now or later: all of it is needed until the process ends.

    To look for some, at the end as well, would take a quarter of a short command's time.
    """
    gc.disable()
    from b24app import cli, create_app
    from b24app.config import Config, ConfigInvalid

    try:
        return create_app(Config.from_environment(), has_pages=not cli.is_command(sys.argv))
    except ConfigInvalid as problem:
        print(problem, file=sys.stderr)  # noqa: T201 - there is no logging before there are settings
        sys.exit(EXIT_CODE_CANNOT_LOAD)
    finally:
        gc.freeze()
        gc.enable()


app = load()
