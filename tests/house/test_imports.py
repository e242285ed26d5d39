"""What only some processes or requests need is not loaded by all: a worker that looks once is mostly imports."""

import subprocess
import sys

from tests.support.served import PROJECT

# Migrations, the queue and its drivers, the token endpoint, pictures, metrics.
LATER = ("alembic", "huey", "psycopg", "authlib", "joserfc", "PIL", "prometheus_client")


def test_starting_loads_nothing_that_is_needed_later() -> None:
    said = "import sys, b24app; print([name for name in sys.argv[1:] if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", said, *LATER], cwd=PROJECT, check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "[]"
