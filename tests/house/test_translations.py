"""Every catalogue translates every sentence, with the same placeholders."""

import re

import pytest
from babel.messages.catalog import Catalog, Message
from babel.support import Translations

from b24app import i18n
from b24app.i18n import LOCALES, tab_titles
from devportal import Portal
from tests.conftest import any_database
from tests.support import catalogues
from tests.support.logbook import Logbook

USED = catalogues.used()
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%|</?\w+>|&\w+;?")
# What is the same word in some languages, or a name in all of them.
LOAN_WORDS_ALLOWED = 0.12
LANG = re.compile(r'<html lang="([^"]*)"')
# What browsers accept, and the language of the page they get.
ACCEPTED = {
    "*": "en",
    "nl,*;q=0.5": "en",
    "nl,*;q=0.5,ru;q=0.3": "en",
    "de;q=0,fr;q=0.2": "fr",
    "zh-CN,zh;q=0.9,en;q=0.8": "zh-Hans",
    "zh-TW,en;q=0.8": "zh-Hans",
    "pt-PT,pt;q=0.9": "pt-BR",
    "pt": "pt-BR",
    "es-419,en;q=0.9": "es",
    "uk-UA,ru;q=0.9": "uk",
    "en-GB,de;q=0.9": "en",
    "de-AT": "de",
    "nl,da;q=0.9,pl;q=0.8": "pl",
    "nl": "en",
    "": "en",
    ";;q=,-,zh-": "zh-Hans",
}


def messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def forms(message: Message) -> list[str]:
    strings = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return [str(string or "") for string in strings]


def words(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


@pytest.mark.parametrize("locale", catalogues.locales())
class TestCatalogues:
    """translations/*.po"""

    def test_nothing_is_missing(self, locale: str) -> None:
        catalog = catalogues.read(locale)
        known = {words(message): message for message in messages(catalog)}
        missing = [text for message in messages(USED) if (text := words(message)) not in known]
        empty = [text for text, message in known.items() if not all(forms(message)) or message.fuzzy]
        assert (missing, empty) == ([], [])

    def test_nothing_is_unused(self, locale: str) -> None:
        used = {words(message) for message in messages(USED)}
        catalog = catalogues.read(locale)
        assert [text for message in messages(catalog) if (text := words(message)) not in used] == []
        assert not catalog.obsolete

    def test_every_plural_form_of_the_language_is_there(self, locale: str) -> None:
        catalog = catalogues.read(locale)
        plurals = [message for message in messages(catalog) if message.pluralizable]
        assert plurals
        assert [words(message) for message in plurals if len(forms(message)) != catalog.num_plurals] == []

    def test_placeholders_and_markup_are_those_of_the_original(self, locale: str) -> None:
        broken = [
            (words(message), form)
            for message in messages(catalogues.read(locale))
            for form in forms(message)
            if sorted(kinds(words(message))) != sorted(kinds(form))
        ]
        assert broken == []

    def test_it_is_not_english(self, locale: str) -> None:
        same = [words(message) for message in messages(catalogues.read(locale)) if words(message) in forms(message)]
        assert len(same) < LOAN_WORDS_ALLOWED * len(messages(USED)), same

    def test_it_can_be_loaded_as_it_is(self, locale: str) -> None:
        assert isinstance(i18n.catalogue(locale), Translations)


def kinds(text: str) -> list[str]:
    """The placeholders and tags; a translated name within ``&amp;name;`` is none."""
    return [found for found in PLACEHOLDER.findall(text) if not found.startswith("&") or found == "&amp;"]


def test_every_file_belongs_to_a_language() -> None:
    assert sorted(path.stem for path in i18n.CATALOGUES.glob("*.po")) == catalogues.locales()


def test_the_languages_of_the_market_are_there() -> None:
    assert {"en", "de", "la", "br", "fr", "pl", "it", "ru", "ua", "tr", "ar", "sc", "ja"} <= set(LOCALES)


def test_tab_titles_are_short_and_in_every_language() -> None:
    assert set(tab_titles()) == set(LOCALES)
    assert all(0 < len(title) <= 12 for title in tab_titles().values())


@pytest.mark.parametrize(("number", "words"), [(1, "1 места"), (2, "2 мест"), (5, "5 мест"), (21, "21 места")])
def test_plurals_follow_the_rules_of_the_language(number: int, words: str) -> None:
    i18n.speak("ru")
    said = i18n.ngettext("%(count)s place is still missing.", "%(count)s places are still missing.", number)
    assert words in said % {"count": number}
    i18n.speak("en")


class TestTheReader:
    """LANG of the frame decides."""

    @pytest.mark.parametrize(
        ("code", "tag", "direction", "button"),
        [
            ("de", "de", "ltr", "Eintragen"),
            ("DE", "de", "ltr", "Eintragen"),
            ("la", "es", "ltr", "Publicar"),
            ("ua", "uk", "ltr", "Додати"),
            ("ar", "ar", "rtl", "نشر"),
            ("tc", "zh-Hans", "ltr", "发布"),
            ("ja", "ja", "ltr", "投稿"),
            ("xx", "en", "ltr", "Post"),
            ("vn", "en", "ltr", "Post"),
        ],
    )
    def test_opens_the_tab_in_his_language(
        self, installed: Logbook, portal: Portal, code: str, tag: str, direction: str, button: str
    ) -> None:
        page = installed.send(spoken(portal, code))
        assert (page.one("html")["lang"], page.one("html")["dir"]) == (tag, direction)
        assert page.one("form .form-end button").get_text(strip=True) == button

    def test_is_answered_in_the_same_language(self, installed: Logbook, portal: Portal) -> None:
        form = installed.send(spoken(portal, "de")).form
        page = installed.post(form, title="", text="Text", icon="comment")
        assert page.one("#title-error").text == "Schreiben Sie einen Titel."
        assert page.one("html")["lang"] == "de"
        expired = installed.post({**form, "session": "x"}, title="Titel", text="Text", icon="comment")
        assert expired.one("[data-outcome] h2").text == "Dieses Formular ist zu alt"

    def test_reads_refusals_in_his_language(self, installed: Logbook, portal: Portal) -> None:
        page = installed.send(spoken(portal, "fr"), member_id="unknown")
        assert page.heading == "Logbook n’est pas installé dans ce Bitrix24"

    def test_reads_the_names_of_icons_in_his_language(self, installed: Logbook, portal: Portal) -> None:
        page = installed.send(spoken(portal, "de"))
        tile = page.one("label:has(input[value=call])")
        assert tile["title"] == "Anruf"
        assert "Telefon" in str(tile["data-words"])

    @any_database
    def test_outside_a_frame_gets_the_nearest_language_of_the_browser(self, logbook: Logbook) -> None:
        browser = logbook.app.test_client()
        pages = {accepted: browser.get("/", headers={"Accept-Language": accepted}).text for accepted in ACCEPTED}
        assert {accepted: LANG.findall(page)[0] for accepted, page in pages.items()} == ACCEPTED

    @any_database
    def test_whose_form_is_too_long_to_be_read_gets_the_refusal_in_the_language_of_the_browser(
        self, logbook: Logbook
    ) -> None:
        form = {"title": "x" * 300_000, "language": "fr"}
        refusal = logbook.app.test_client().post("/entries", data=form, headers={"Accept-Language": "de"})
        assert (refusal.status_code, LANG.findall(refusal.text)[0]) == (413, "de")

    def test_traditional_characters_are_recognised(self) -> None:
        tags = ["zh-TW", "zh-HK", "zh-Hant", "zh-Hant-SG", "zh_MO", "zh-Hans-HK", "zh-SG", "zh"]
        assert [i18n.nearest(tag) for tag in tags] == ["tc"] * 5 + ["sc"] * 3


def spoken(portal: Portal, code: str):  # type: ignore[no-untyped-def]
    """The frame of an employee who has chosen this language."""
    frame = portal.frame(portal.employee)
    frame.query["LANG"] = code
    return frame
