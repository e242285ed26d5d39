"""The version of Logbook, from pyproject.toml; shown by the User-Agent, the doctor and the metrics."""

import tomllib
from pathlib import Path

VERSION: str = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]["version"]
