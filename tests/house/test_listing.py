"""What `make listing` writes for the Market, except for the screenshots, which need a browser."""

import re
from pathlib import Path

import pytest
from PIL import Image

from b24app import market_listing
from b24app.config import PROJECT
from b24app.i18n import LOCALES

LANGUAGES = sorted({locale.replace("_", "-") for locale in LOCALES.values()})
# Name, summary and paragraph with an empty line after each, and the features.
LINES = 6 + len(market_listing.FEATURES)
COLOUR = re.compile(r"#[0-9a-f]{6}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    written = tmp_path_factory.mktemp("listing") / "new"
    market_listing.write(written)
    return written


def test_there_is_one_text_for_each_language(folder: Path) -> None:
    assert sorted(path.stem for path in folder.glob("*.txt")) == LANGUAGES
    assert len(LANGUAGES) == 13


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_text_is_complete_and_in_its_language(folder: Path, language: str) -> None:
    lines = (folder / f"{language}.txt").read_text().splitlines()
    assert [number for number, line in enumerate(lines) if not line] == [1, 3, 5]
    assert len(lines) == LINES
    english = (folder / "en.txt").read_text().splitlines()
    assert language == "en" or not {line for line in lines if line} & set(english)


@pytest.mark.parametrize("size", [250, 650])
def test_the_icon_is_square_in_the_markets_sizes_and_not_transparent(folder: Path, size: int) -> None:
    with Image.open(folder / f"icon-{size}.png") as icon:
        assert (icon.format, icon.mode, icon.size) == ("PNG", "RGB", (size, size))
        assert "transparency" not in icon.info


def test_the_icon_has_the_colours_of_the_mark() -> None:
    drawn = market_listing.icon(650).getcolors(650 * 650)
    assert drawn
    colours = {"#" + bytes(colour).hex() for count, colour in drawn if count > 300}  # type: ignore[arg-type]
    mark = (PROJECT / "static/logbook.svg").read_text().replace('"#fff"', '"#ffffff"')
    assert set(COLOUR.findall(mark)) <= colours
