"""Folders for the time of a process."""

import atexit
import shutil
import tempfile


def until_exit(name: str) -> str:
    """The path of a new folder, which is deleted when this process ends."""
    path = tempfile.mkdtemp(prefix=f"logbook-{name}-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path
