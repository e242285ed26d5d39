"""The tab's title in each language: the administrators' own, or ours."""

import pytest

from devportal import Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.cards import filled, notes, save, tabs
from tests.support.logbook import Logbook

pytestmark = any_database

DEAL = 2


@pytest.fixture
def admin(installed: Logbook, portal: Portal) -> Admin:
    return Admin(installed, portal)


def test_everybody_reads_the_title_of_his_language(admin: Admin, portal: Portal) -> None:
    portal.employee.language = "de"
    assert tabs(portal, person=portal.employee) == ["General", "Logbuch"]
    page = save(admin, title_de="Tagebuch", title_en="Diary")
    assert page.outcome == "saved"
    assert notes(page, "tab")["Deal"] == "has its new title"
    assert tabs(portal) == ["General", "Diary"]
    assert tabs(portal, person=portal.employee) == ["General", "Tagebuch"]
    portal.employee.language = "fr"
    assert tabs(portal, person=portal.employee) == ["General", "Journal"]

    assert save(admin, title_de="", title_en="  ").outcome == "saved"
    portal.employee.language = "de"
    assert tabs(portal, person=portal.employee) == ["General", "Logbuch"]
    assert tabs(portal) == ["General", "Logbook"]


def test_each_language_has_a_field_with_the_usual_title(admin: Admin) -> None:
    page = admin.go("places")
    fields = {str(box["name"]): str(box["placeholder"]) for box in page.soup.select("details input")}
    assert len(fields) == 14
    assert (fields["title-en"], fields["title-de"], fields["title-la"]) == ("Logbook", "Logbuch", "Bitácora")
    labels = [label.text for label in page.soup.select("details label")]
    assert len(set(labels)) == 14
    assert {"English", "Deutsch", "Français", "Українська"} <= set(labels)


def test_html_in_a_title_is_words(admin: Admin, portal: Portal) -> None:
    title = "<script>alert(1)</script>\"'&amp;"
    page = save(admin, title_en=title)
    assert page.outcome == "saved"
    assert filled(page)["title-en"] == title
    assert tabs(portal) == ["General", title]


@pytest.mark.parametrize(
    ("title", "words"), [("x" * 51, "longer than 50"), ("two\nlines", "control"), ("\x00", "control")]
)
def test_an_invalid_title_is_refused_and_stays_in_the_form(
    admin: Admin, portal: Portal, title: str, words: str
) -> None:
    before = portal.placements
    page = save(admin, off=("tab", DEAL), title_de=title)
    assert (page.status, page.outcome) == (422, "invalid")
    assert words in page.one("#title-de-error").text
    assert filled(page)["title-de"] == title
    assert str(DEAL) not in filled(page)["tab"]
    assert set(notes(page, "tab").values()) == {"in place"}
    assert page.one("details").has_attr("open")
    assert portal.placements == before


def test_repairing_fixes_a_wrong_title_once(admin: Admin, portal: Portal) -> None:
    portal.state.placements[0].languages["en"]["TITLE"] = "Something else"
    assert "has another title" in admin.go("connection").text
    assert admin.go("connection/repair").outcome == "repaired"
    assert {placement.languages["en"]["TITLE"] for placement in portal.placements} == {"Logbook"}
    before = portal.placements
    assert admin.go("connection/repair").outcome == "repaired"
    assert portal.placements == before


def test_a_portal_that_reports_no_titles_is_only_changed_for_new_ones(admin: Admin, portal: Portal) -> None:
    portal.state.dialect.placement_titles = "untold"
    assert save(admin, title_en="Diary").outcome == "saved"
    assert tabs(portal) == ["General", "Diary"]
    before = portal.placements
    assert admin.go("connection/repair").outcome == "repaired"
    assert save(admin).outcome == "saved"
    assert portal.placements == before


def test_a_megabyte_of_title_is_refused(admin: Admin, portal: Portal) -> None:
    fields = filled(admin.go("places")) | {"title-en": "x" * 1_000_000}
    assert admin.go("places/save", **fields).status == 413
    assert tabs(portal) == ["General", "Logbook"]


def test_installing_again_fixes_a_wrong_title(installed: Logbook, portal: Portal) -> None:
    portal.state.placements[1].languages["de"]["TITLE"] = "Something else"
    page = installed.send(portal.install_frame(portal.administrator))
    assert (page.status, page.heading) == (200, "Logbook is installed")
    assert {placement.languages["de"]["TITLE"] for placement in portal.placements} == {"Logbuch"}
