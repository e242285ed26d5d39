"""The help: a public page in the reader's language, and links in the application that open the right part of it."""

from urllib.parse import urlsplit

import pytest

from b24app.i18n import ENGLISH, LOCALES
from b24app.web.admin.gate import section_names
from devportal import Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.logbook import Logbook, Page
from tests.support.markup import Element, parse

pytestmark = any_database

# Italian says it in English.
SAME_IN_SOME = {"Privacy"}
SECTIONS = sorted(set(section_names()) - {"home"})


def link_in(page: Page) -> Element:
    """The only link to the help."""
    (link,) = page.soup.select("a[href*='/help']")
    return link


def opened(logbook: Logbook, link: Element) -> Element:
    """The page behind a link, as a browser gets it that asks for another language."""
    address = str(link["href"]).partition("#")[0]
    return parse(logbook.app.test_client().get(address, headers={"Accept-Language": "ja"}).text)


def test_anybody_reads_it_in_the_language_of_their_browser(logbook: Logbook) -> None:
    answer = logbook.app.test_client().get("/help", headers={"Accept-Language": "de"})
    assert answer.status_code == 200
    assert "<h1>Hilfe · Logbook</h1>" in answer.text
    assert "Set-Cookie" not in answer.headers
    assert link_in(logbook.get("/"))["href"] == "/help"


def test_the_page_of_the_application_opens_it_in_another_tab_and_in_the_language_of_the_portal(
    installed: Logbook, portal: Portal
) -> None:
    frame = portal.frame(portal.employee, placement="DEFAULT")
    frame.query["LANG"] = "de"
    link = link_in(installed.send(frame))
    assert (link["target"], link["rel"]) == ("_blank", "noopener")
    assert str(link["href"]).endswith("#people")
    help_page = opened(installed, link)
    assert [str(tag["lang"]) for tag in help_page.select("html")] == ["de"]
    assert help_page.select("#people")


@pytest.mark.parametrize("who", ["employee", "reader"])
def test_the_tab_opens_it_too_for_those_who_write_and_for_those_who_only_read(
    installed: Logbook, portal: Portal, who: str
) -> None:
    frame = portal.frame(getattr(portal, who))
    frame.query["LANG"] = "ua"
    link = link_in(installed.send(frame))
    assert link["target"] == "_blank"
    help_page = opened(installed, link)
    assert [str(tag["lang"]) for tag in help_page.select("html")] == ["uk"]
    assert help_page.select("article")[0]["id"] == "people"


@pytest.mark.parametrize("code", sorted(set(LOCALES) - {ENGLISH}))
def test_it_is_wholly_in_the_readers_language(logbook: Logbook, code: str) -> None:
    texts, english = (
        [
            element.get_text(" ", strip=True)
            for element in logbook.get("/help", LANG=one).soup.select("h1, h2, p, dt, dd, li")
        ]
        for one in (code, ENGLISH)
    )
    assert len(texts) == len(english) > 40
    same = {text for text, original in zip(texts, english, strict=True) if text == original}
    assert same <= SAME_IN_SOME


@pytest.mark.parametrize("section", SECTIONS)
def test_each_section_of_the_settings_opens_its_own_part(installed: Logbook, portal: Portal, section: str) -> None:
    page = Admin(installed, portal).go(section, language="fr")
    link = link_in(page)
    assert (link["target"], link["rel"]) == ("_blank", "noopener")
    help_page = opened(installed, link)
    assert [str(tag["lang"]) for tag in help_page.select("html")] == ["fr"]
    part = urlsplit(str(link["href"])).fragment
    assert [name.text for name in help_page.select(f"dt#{part}")] == [page.heading]
    assert [about.text for about in help_page.select(f"dt#{part} + dd")] == [page.one(".page-subject").text]
