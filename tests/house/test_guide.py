"""The guide for people names what is on the pages, and its pictures are there and small."""

import re

from PIL import Image

from b24app.config import PROJECT
from tests.support import catalogues

GUIDE = PROJECT / "docs" / "users.md"
LARGEST_PICTURE = 120_000


def test_what_it_names_is_on_a_page() -> None:
    named = re.findall(r"“([^”]+)”", GUIDE.read_text().replace("\n", " "))
    sentences = {message.id for message in catalogues.used()}
    assert len(named) > 10
    assert [words for words in named if words not in sentences] == []


def test_its_pictures_are_all_there_and_none_is_left_over() -> None:
    shown = re.findall(r"!\[[^]]+\]\(pictures/([^)]+)\)", GUIDE.read_text())
    assert sorted(shown) == sorted(path.name for path in GUIDE.with_name("pictures").iterdir())


def test_its_pictures_are_small() -> None:
    for path in GUIDE.with_name("pictures").iterdir():
        with Image.open(path) as picture:
            assert picture.size == (1280, 720)
        assert path.stat().st_size < LARGEST_PICTURE
