"""Logbook's messages, read from its code and templates.

``python -m tests.support.catalogues`` updates every language: a new message gets an empty translation, which
tests/house/test_translations.py refuses, and an unused one is dropped.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from b24app.i18n import CATALOGUES, ENGLISH, LOCALES

PROJECT = Path(__file__).parent.parent.parent
KEYWORDS = {"_": None, "gettext": None, "marked": None, "ngettext": (1, 2)}
SOURCES = [("b24app", "*.py", "python"), ("templates", "*.html", "jinja2.ext:babel_extract")]


def used() -> Catalog:
    """Every message that the code and the templates ask for, with the places where they do."""
    catalog = Catalog(charset="utf-8")
    for path, method in _files():
        place = path.relative_to(PROJECT).as_posix()
        options = {"newstyle": "true"} if method != "python" else {}
        for _line, words, comments, context in extract_from_file(method, path, KEYWORDS, options=options):
            catalog.add(words, None, [(place, None)], auto_comments=comments, context=context)  # type: ignore[list-item]
    return catalog


def locales() -> list[str]:
    """The languages that have a catalogue."""
    return sorted(set(LOCALES.values()) - {ENGLISH})


def empty(locale: str) -> Catalog:
    """An empty catalogue; its header names nobody and does not change with the time."""
    first = datetime(2026, 11, 22, tzinfo=UTC)
    return Catalog(
        locale,
        header_comment=f"# Logbook in {locale}.",
        project="Logbook",
        version="1",
        msgid_bugs_address="-",
        last_translator="Logbook",
        language_team="Logbook",
        charset="utf-8",
        creation_date=first,
        revision_date=first,
        fuzzy=False,
    )


def read(locale: str) -> Catalog:
    path = CATALOGUES / f"{locale}.po"
    if not path.exists():
        return empty(locale)
    with path.open("rb") as source:
        return read_po(source, locale)


def write(locale: str, catalog: Catalog) -> None:
    with (CATALOGUES / f"{locale}.po").open("wb") as target:
        write_po(target, catalog, width=120, include_lineno=False)


def main() -> None:
    template = used()
    for locale in locales():
        old, new = read(locale), empty(locale)
        for message in template:
            if message.id:
                known = old.get(message.id, message.context)
                new.add(message.id, known.string if known else None, message.locations)
        write(locale, new)


def _files() -> Iterator[tuple[Path, str]]:
    for folder, pattern, method in SOURCES:
        for path in sorted((PROJECT / folder).rglob(pattern)):
            yield path, method


if __name__ == "__main__":
    main()
