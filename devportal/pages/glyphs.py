"""Our own drawings for the timeline's icon codes, 24×24."""

from __future__ import annotations

import json
from pathlib import Path

from markupsafe import Markup

SHAPES: dict[str, str] = json.loads(Path(__file__).with_name("glyphs.json").read_text("utf-8"))
DOT = "M12 9.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5z"


def glyph(code: str) -> Markup:
    """The drawing of a system icon; a neutral dot for codes without one."""
    return Markup('<svg viewBox="0 0 24 24" aria-hidden="true"><path d="{}"/></svg>').format(SHAPES.get(code, DOT))
