"""Pages are rendered once with blanks for each reader's own values: nobody sees those of others."""

import pytest
from markupsafe import Markup

from b24app import i18n
from b24app.web import page_cache
from b24app.web.page_cache import MARK, own
from devportal import Portal
from tests.conftest import any_database
from tests.support.logbook import Logbook

pytestmark = any_database

TEMPLATE = "_outcome.html"
WORDS = {"keeps_words": False, "sentence": "", "advice": "", "entry_id": None}


def rendered(logbook: Logbook, heading: object, *, kind: object = "posted", **more: object) -> str:
    with logbook.app.test_request_context():
        i18n.speak("en")
        return page_cache.render(
            TEMPLATE, {"outcome": {**WORDS, "kind": kind, "heading": heading}, "errors": {}, **more}
        )


def test_a_second_opening_only_fills_in_what_is_its_own(installed: Logbook, portal: Portal, second: Portal) -> None:
    first = installed.open_tab(portal)
    rendered_until_now = page_cache.kept_pages().misses
    other = installed.open_tab(second)
    assert page_cache.kept_pages().misses == rendered_until_now
    assert page_cache.kept_pages().maxsize == page_cache.PAGES_KEPT
    assert other.form["session"] != first.form["session"]
    assert other.form["form_key"] != first.form["form_key"]
    for page, one, another in ((first, portal, second), (other, second, portal)):
        assert one.host in page.text
        assert another.host not in page.text


def test_a_draft_is_shown_to_the_person_who_typed_it_alone(installed: Logbook, portal: Portal) -> None:
    typed = {"icon": "call", "title": "<Only> mine", "text": "Nobody else’s & nobody’s"}
    installed.submit("/drafts", {**installed.open_tab(portal).form, **typed})
    for _again in range(2):
        own_page = installed.open_tab(portal)
        assert {name: own_page.form[name] for name in typed} == typed
        assert "mine" not in installed.send(portal.frame(portal.administrator)).text


def test_a_post_by_script_is_answered_with_its_own_words_only(installed: Logbook, portal: Portal) -> None:
    words = {"icon": "call", "text": "x"}
    for title in ("First", "Second"):
        page = installed.post_by_script(installed.open_tab(portal).form, **words, title=title)
        assert page.text.count(f'title="{title}"') == 1


def test_own_values_are_escaped_and_never_taken_for_a_blank(installed: Logbook) -> None:
    hostile = f"<script>{MARK}0;</script>"
    for _again in range(2):
        assert f"&lt;script&gt;{MARK}0;&lt;/script&gt;" in rendered(installed, own(hostile))


def test_equal_words_that_look_different_are_different_pages(installed: Logbook) -> None:
    for _again in range(2):
        assert "&lt;b&gt;" in rendered(installed, "<b>")
        assert "<h2><b></h2>" in rendered(installed, Markup("<b>"))
        assert "<h2>1</h2>" in rendered(installed, 1)
        assert "<h2>True</h2>" in rendered(installed, True)


def test_a_page_with_words_that_cannot_be_compared_is_rendered_each_time(installed: Logbook) -> None:
    rendered_until_now = page_cache.kept_pages().misses
    for text in ("one", "two"):
        assert text in rendered(installed, own(text), unlike={1, 2})
    assert page_cache.kept_pages().misses == rendered_until_now


def test_a_mistake_in_a_template_is_not_taken_for_such_a_page(installed: Logbook) -> None:
    with pytest.raises(TypeError):
        rendered(installed, "x", kind=["posted"])
