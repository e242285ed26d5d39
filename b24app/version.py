"""The version of Logbook, which pyproject.toml has; the User-Agent, the doctor and the metrics tell it."""

import tomllib
from pathlib import Path

VERSION: str = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]["version"]
