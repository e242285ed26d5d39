"""Makes the tables of the README from the code: `python -m devportal.readme_tables`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from .controls import CONTROLS, dialects
from .model.dialects import CHOICES, MEANINGS
from .rest import methods as methods
from .rest.registry import METHODS

README = Path(__file__).with_name("README.md")
ANYONE = "any user"


def main() -> int:
    """Rewrites the tables in the README."""
    README.write_text(with_tables(README.read_text("utf-8")), "utf-8")
    return 0


def with_tables(text: str) -> str:
    """The text with new tables between the marks."""
    for name, table in tables().items():
        before, _, rest = text.partition(f"<!-- {name} -->\n")
        _, _, after = rest.partition(f"<!-- end of {name} -->")
        text = f"{before}<!-- {name} -->\n{table}\n<!-- end of {name} -->{after}"
    return text


def tables() -> dict[str, str]:
    return {"methods": method_table(), "dialects": dialect_table(), "controls": control_table()}


def method_table() -> str:
    """The table of methods."""
    rows = [
        (
            f"`{method.name}`",
            " or ".join(method.scopes) or "–",
            method.who,
            str(method.page) if method.page else "–",
            ", ".join(f"`{code}`" if code != "" else "a message without a code" for code in method.refusals) or "–",
            "✓",
            "✓",
            method.fidelity,
        )
        for method in sorted(METHODS.values(), key=lambda method: method.name)
    ]
    batch = ("`batch`", "–", ANYONE, "50", "per command", "refused", "✓, by its commands", "complete")
    heads = ("method", "scope", "who", "page", "refuses with", "in a batch", "faults", "fidelity")
    return table(heads, sorted([*rows, batch]))


def dialect_table() -> str:
    rows = [
        (
            f"`{name}`",
            f"`{dialects.name_of(name)}`",
            f"`{CHOICES[name][0]}`",
            ", ".join(f"`{one}`" for one in CHOICES[name][1:]),
            meaning,
        )
        for name, meaning in MEANINGS.items()
    ]
    return table(("difference", "control", "default", "other", "meaning"), rows)


def control_table() -> str:
    rows = [
        (
            f"`{control.name}`",
            control.group,
            control.label,
            ", ".join(f"`{field.name}`" for field in control.fields) or "–",
        )
        for control in CONTROLS.values()
        if not control.name.startswith("dialect-")
    ]
    return table(("control", "about", "does", "fields"), rows)


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
