"""Writes Logbook's listing for the Market: texts in every language, and the icon."""

from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw

from b24app.i18n import LOCALES, catalogue, marked

NAME = marked("Logbook for Bitrix24")
SUMMARY = marked(
    "Logbook is an application for Bitrix24’s CRM. It puts an entry with an icon, a title and a text on the timeline "
    "of a card, under the name of the person who wrote it."
)
PARAGRAPH = marked(
    "Logbook is free and has no paid parts. It asks for the permissions to use the CRM and to be embedded in its "
    "cards, and writes with the rights of the person who uses it. It works with every plan of Bitrix24 that allows "
    "applications."
)
FEATURES = (
    marked("Every entry appears under the name of the person who wrote it"),
    marked("Icons of Bitrix24 and of your own, templates, drafts and a preview"),
    marked("An entry that Bitrix24 does not take at once waits, and is sent by itself, once"),
    marked("Administrators choose where Logbook shows, who may write and how long words are kept"),
    marked("Works with the keyboard and with screen readers, on small screens, in light and dark"),
)
# The Market takes square icons of 250 to 650 pixels, without transparency.
ICON_SIZES = (250, 650)
BLUE, WHITE, GREEN, DARK_GREEN = "#0a66d6", "#ffffff", "#bbed21", "#24420a"
# static/logbook.svg is 32 units wide; drawing it larger and scaling it down smooths the edges.
UNITS = 32
SMOOTHING = 4


def write(folder: Path) -> None:
    """Write a text file for each language, and the icon in its smallest and largest size."""
    folder.mkdir(parents=True, exist_ok=True)
    for locale in sorted(set(LOCALES.values())):
        (folder / f"{locale.replace('_', '-')}.txt").write_text("\n".join(lines(locale)) + "\n")
    for size in ICON_SIZES:
        icon(size).save(folder / f"icon-{size}.png", optimize=True)


def lines(locale: str) -> Iterator[str]:
    """Name, summary, paragraph and features in a language."""
    translated = catalogue(locale).gettext
    for words in (NAME, SUMMARY, PARAGRAPH):
        yield from (translated(words), "")
    yield from (f"• {translated(feature)}" for feature in FEATURES)


def icon(size: int) -> Image.Image:
    """The mark of static/logbook.svg on a background that fills the square."""
    unit = size * SMOOTHING / UNITS
    picture = Image.new("RGB", (size * SMOOTHING, size * SMOOTHING), BLUE)
    draw = ImageDraw.Draw(picture)
    book = _scaled(unit, 9.5, 8.5, 23, 23.5)
    draw.rounded_rectangle(book, 3 * unit, WHITE, corners=(False, True, False, True))
    _line(draw, unit, BLUE, 2, (13.5, 13), (19, 13))
    _line(draw, unit, BLUE, 2, (13.5, 17), (16.5, 17))
    draw.ellipse(_scaled(unit, 16.5, 16.5, 28.5, 28.5), BLUE)
    draw.ellipse(_scaled(unit, 18.5, 18.5, 26.5, 26.5), GREEN)
    _line(draw, unit, DARK_GREEN, 1.5, (20.5, 22.6), (22, 24), (24.5, 21.2))
    return picture.resize((size, size), Image.Resampling.LANCZOS)


def _line(draw: ImageDraw.ImageDraw, unit: float, colour: str, width: float, *points: tuple[float, float]) -> None:
    """Draw a line with round ends and joints."""
    draw.line([(x * unit, y * unit) for x, y in points], colour, round(width * unit))
    for x, y in points:
        half = width / 2
        draw.ellipse(_scaled(unit, x - half, y - half, x + half, y + half), colour)


def _scaled(unit: float, *numbers: float) -> list[float]:
    return [number * unit for number in numbers]
