"""The portal's own icons: uploaded, previewed, added and removed."""

import re
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from b24app.models import SavedSettings
from b24app.services.settings import own_icons
from b24app.services.settings.settings import Section
from devportal import Box, Portal
from tests.conftest import any_database, environment
from tests.devportal.pictures import png
from tests.settings.test_icons import offered, order
from tests.settings.test_uploaded_pictures import SVG, picture, png_of
from tests.support.administrator import Admin
from tests.support.attacker import install
from tests.support.logbook import Logbook, Page
from tests.support.served import Served

ADD = "crm.timeline.icon.add"
DELETE = "crm.timeline.icon.delete"
DEAL = 2
FORM = "multipart/form-data; boundary=x"
WORDS = {"title": "Called", "text": "They agreed."}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Größe XL", "logbook-grosse-xl-......"),
        ("Émile & Zoë", "logbook-emile-zoe-......"),
        ("会議", "logbook-......"),
        ("Встреча 2", "logbook-2-......"),
        ("🎉", "logbook-......"),
        ("../../etc/passwd", "logbook-etc-passwd-......"),
        ("x" * 60, "logbook-" + "x" * 40 + "-......"),
    ],
)
def test_every_name_makes_a_code(name: str, code: str) -> None:
    assert re.fullmatch(code, own_icons.code_of(name, b"picture"))
    assert own_icons.code_of(name, b"picture") != own_icons.code_of(name, b"another")
    assert own_icons.code_of(name, b"picture") != own_icons.code_of(name + "!", b"picture")


@any_database
class TestAdding:
    """An icon of the portal's own."""

    def test_it_is_in_the_picker_by_its_name_and_posts(self, installed: Logbook, portal: Portal) -> None:
        page = add(Admin(installed, portal), "Birthday <b>Party</b>")
        assert (page.status, page.outcome) == (200, "saved")
        (icon,) = portal.icons.custom
        assert re.fullmatch("logbook-birthday-b-party-b-[0-9a-f]{6}", icon.code)
        tab = installed.open_tab(portal)
        assert tab.icons[-1] == icon.code
        tile = tab.one(f"[value='{icon.code}'] + .tile-face")
        assert tile.get_text(strip=True) == "Birthday <b>Party</b>"
        assert tile.select_one("img")["src"] == portal.url + icon.file_uri  # type: ignore[index]
        answer = installed.post(tab.form, **WORDS, icon=icon.code)
        assert answer.outcome == "posted"
        assert portal.timeline(DEAL, 1)[0].icon_code == icon.code
        assert answer.history[0].select_one("[data-part=icon]")["aria-label"] == "Birthday <b>Party</b>"  # type: ignore[index]

    def test_what_the_portal_got_is_a_small_png(self, installed: Logbook, portal: Portal) -> None:
        add(Admin(installed, portal), "Party", picture("JPEG", size=(300, 200), mode="RGB", colour=(1, 2, 3)))
        assert Image.open(BytesIO(portal.icons.custom[0].content)).size == (24, 24)

    @pytest.mark.parametrize("action", ["save", "move", "remove"])
    def test_a_chosen_file_outlives_whatever_else_is_pressed(
        self, installed: Logbook, portal: Portal, action: str
    ) -> None:
        admin = Admin(installed, portal)
        page = admin.go("icons")
        assert page.one("form#icons")["enctype"] == "multipart/form-data"
        listed = order(page)
        content = picture("PNG", size=(300, 200))
        chosen = {
            "order": listed,
            "offered": listed,
            "version": "0",
            "name": "Party",
            "picture": (BytesIO(content), "a.png"),
        }
        page = admin.go(f"icons/{action}", **chosen)
        kept = str(page.one("[name=kept]")["value"])
        assert page.one("#name")["value"] == "Party"
        assert admin.go("icons/upload", order=listed, offered=listed, name="Party", kept=kept).outcome == "saved"

    def test_the_same_form_again_adds_nothing(self, installed: Logbook, portal: Portal) -> None:
        admin = Admin(installed, portal)
        assert [add(admin, "Party").outcome for _ in range(2)] == ["saved", "saved"]
        assert len(portal.icons.custom) == 1

    def test_after_a_time_out_adding_again_finds_it_there(self, installed: Logbook, portal: Portal) -> None:
        admin = Admin(installed, portal)
        portal.faults.reset(ADD, processed=True)
        page = add(admin, "Party")
        assert (page.status, page.outcome) == (503, "failed")
        assert "cannot be added twice" in page.one("[data-outcome]").text
        kept = str(page.one("[name=kept]")["value"])
        again = admin.go("icons/upload", name="Party", kept=kept, version="0")
        assert (again.outcome, len(portal.icons.custom)) == ("saved", 1)
        assert installed.open_tab(portal).one(f"[value='{portal.icons.custom[0].code}'] ~ span").text.strip() == "Party"

    def test_an_arrangement_that_is_not_saved_yet_stays_in_the_form(self, installed: Logbook, portal: Portal) -> None:
        portal.icons.system_codes[:] = ["call", "info"]
        admin = Admin(installed, portal)
        form: dict[str, Any] = {"version": "0", "order": ["info", "call"], "offered": ["info"], "default": "info"}
        page = add(admin, "Party", **form)
        code = portal.icons.custom[0].code
        assert (order(page), offered(page)) == (["info", "call", code], ["info", code])
        assert installed.open_tab(portal).icons == ["call", "info", code]
        saved = admin.go("icons/save", **{**form, "version": str(page.one("[name=version]")["value"])})
        assert saved.outcome == "saved"
        assert installed.open_tab(portal).icons == ["info", code]

    def test_a_form_from_before_anothers_saving_stays_outdated(self, installed: Logbook, portal: Portal) -> None:
        admin = Admin(installed, portal)
        admin.go("icons/save", version="0", order=["info", "call"], offered=["info", "call"])
        page = add(admin, "Party", version="0")
        assert page.one("[name=version]")["value"] == "0"

    def test_without_script_it_is_previewed_first(self, installed: Logbook, portal: Portal) -> None:
        admin = Admin(installed, portal)
        page = admin.go("icons/preview", name="Party", picture=(BytesIO(picture()), "p.png"), version="0")
        assert page.one("[data-sample] img")["src"].startswith("data:image/png;base64,")
        assert "img-src 'self' data: " in page.headers["Content-Security-Policy"]
        assert portal.icons.custom == []
        kept = str(page.one("[name=kept]")["value"])
        assert admin.go("icons/upload", name="Party", kept=kept, version="0").outcome == "saved"
        assert "data:" not in admin.page.headers["Content-Security-Policy"]
        assert len(portal.icons.custom) == 1

    @pytest.mark.parametrize("name", ["", " \u200b\n ", "x" * 61])
    def test_an_unfit_name_keeps_the_picture(self, installed: Logbook, portal: Portal, name: str) -> None:
        admin = Admin(installed, portal)
        page = add(admin, name)
        assert (page.status, page.outcome) == (422, "invalid")
        assert page.one("#name-error").text.strip()
        again = admin.go("icons/upload", name="Party", kept=str(page.one("[name=kept]")["value"]), version="0")
        assert again.outcome == "saved"

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "Choose a picture."),
            (SVG, "This is no PNG, JPEG, WebP or GIF picture."),
            (b"Just words", "This is no PNG, JPEG, WebP or GIF picture."),
            (png_of(60_000, 60_000), "This picture has too many pixels."),
            (picture()[:90], "This picture is damaged."),
            (picture(colour=(0, 0, 0, 0)), "There is nothing to see in this picture"),
        ],
        ids=["nothing", "svg", "text", "bomb", "truncated", "invisible"],
    )
    def test_an_unfit_picture_is_refused_in_words(
        self, installed: Logbook, portal: Portal, content: bytes, words: str
    ) -> None:
        page = add(Admin(installed, portal), "Party", content)
        assert (page.status, page.outcome) == (422, "invalid")
        assert page.one("#picture-error").text.startswith(words)
        assert page.one("[name=name]")["value"] == "Party"
        assert portal.icons.custom == []
        assert ADD not in [call.method for call in portal.calls]

    @pytest.mark.parametrize("kept", ["x", "%%%", "data:image/png;base64,AAAA", "QUFB", "AAAA" * 50_000])
    def test_a_carried_over_picture_is_checked_like_a_new_one(
        self, installed: Logbook, portal: Portal, kept: str
    ) -> None:
        page = Admin(installed, portal).go("icons/upload", name="Party", kept=kept, version="0")
        assert (page.status, page.outcome, portal.icons.custom) == (422, "invalid", [])

    @pytest.mark.parametrize(
        ("code", "words"),
        [
            ("ACCESS_DENIED", "You administer this Bitrix24, but not its CRM"),
            ("0", "Bitrix24 has an icon of this name already"),
            ("INVALID_ARG_VALUE", "Bitrix24 did not take the picture."),
            ("FILE_SAVE_ERROR", "Bitrix24 could not store the picture."),
            ("SOMETHING_NEW", "It answered “SOMETHING_NEW”."),
        ],
    )
    def test_a_refusal_of_the_portal_is_explained_in_plain_words(
        self, installed: Logbook, portal: Portal, code: str, words: str
    ) -> None:
        portal.faults.refuse(code, ADD)
        page = add(Admin(installed, portal), "Party")
        assert (page.status, page.outcome) == (403, "refused")
        assert words in page.one("[data-outcome]").text
        assert page.one("[name=name]")["value"] == "Party"
        assert page.one("[name=kept]")["value"]

    def test_nobodys_rights_are_borrowed(self, installed: Logbook, portal: Portal) -> None:
        add(Admin(installed, portal), "Party")
        (call,) = [call for call in portal.calls if call.method == ADD]
        assert call.person_id == portal.administrator.id


class TestRemoving:
    """Taking an icon back."""

    def test_it_is_asked_first_and_says_how_many_entries_have_it(self, installed: Logbook, portal: Portal) -> None:
        admin = Admin(installed, portal)
        add(admin, "Party")
        code = portal.icons.custom[0].code
        installed.post(installed.open_tab(portal).form, **WORDS, icon=code)
        form = {"version": "1", "order": ["info", "call", code], "offered": ["info", code], "name": "Next"}
        asked = admin.go("icons/remove", icon=code, **form)
        assert (asked.outcome, len(portal.icons.custom)) == ("asked", 1)
        assert asked.one("[data-outcome] h2").text == "Remove “Party”?"
        assert "1 entry written with Logbook has it." in asked.one("[data-outcome]").text
        gone = admin.go("icons/remove/confirmed", icon=code, **form)
        assert (gone.outcome, portal.icons.custom) == ("deleted", [])
        assert (order(gone)[:2], code in order(gone)) == (["info", "call"], False)
        assert code not in installed.open_tab(portal).icons
        assert code not in str(saved_icons(installed))

    def test_one_that_is_gone_already_is_no_error(self, installed: Logbook, portal: Portal) -> None:
        admin = Admin(installed, portal)
        add(admin, "Party")
        portal.faults.reset(DELETE, processed=True)
        code = portal.icons.custom[0].code
        assert admin.go("icons/remove/confirmed", icon=code).status == 503
        assert admin.go("icons/remove/confirmed", icon=code).outcome == "deleted"
        assert code not in str(saved_icons(installed))
        assert admin.go("icons/remove/confirmed", icon=code).status == 404
        assert code not in installed.open_tab(portal).icons

    @pytest.mark.parametrize("code", ["call", "party-of-another-application", "logbook-never-added", "", "<b>"])
    def test_only_icons_that_were_added_here_are_removed(self, installed: Logbook, portal: Portal, code: str) -> None:
        portal.icons.add("party-of-another-application", png())
        admin = Admin(installed, portal)
        for address in ("icons/remove", "icons/remove/confirmed"):
            page = admin.go(address, icon=code)
            assert (page.status, page.outcome) == (404, "failed")
        assert DELETE not in [call.method for call in portal.calls]

    def test_an_icon_of_another_portal_is_none_of_ours(self, installed: Logbook, box: Box, portal: Portal) -> None:
        second = box.add_portal(kind="on-premise", name="Workshop")
        install(installed, second)
        add(Admin(installed, second), "Party")
        code = second.icons.custom[0].code
        assert Admin(installed, portal).go("icons/remove/confirmed", icon=code).status == 404
        assert len(second.icons.custom) == 1

    def test_a_refusal_of_the_portal_is_explained_in_plain_words(self, installed: Logbook, portal: Portal) -> None:
        admin = Admin(installed, portal)
        add(admin, "Party")
        portal.faults.refuse("ACCESS_DENIED", DELETE)
        page = admin.go("icons/remove/confirmed", icon=portal.icons.custom[0].code)
        assert (page.status, page.outcome) == (403, "refused")
        assert "not its CRM" in page.one("[data-outcome]").text


@any_database
class TestTooLarge:
    """Uploads beyond 1 MB."""

    def test_more_is_let_in_for_pictures_only(self, installed: Logbook, portal: Portal) -> None:
        admin = Admin(installed, portal)
        content = picture() + b"\0" * 450_000
        assert add(admin, "Party", content).outcome == "saved"
        page = admin.go("writers/save", version="0", called="x" * 450_000)
        assert (page.status, page.refusal) == (413, "too-large")

    def test_fifty_megabytes_get_an_answer_over_a_real_connection(
        self, box: Box, database_url: str, tmp_path: Path
    ) -> None:
        with Served(tmp_path / "log") as served:
            served.start(environment(box, database_url))
            for address, words in (("/settings/icons/upload", "A picture may have up to 1 MB."), ("/entries", "")):
                # It sends all before it reads, as browsers do.
                connection = HTTPConnection(served.url.removeprefix("http://"), timeout=60)
                connection.request("POST", address, b"\0" * 50_000_000, {"Content-Type": FORM})
                answer = connection.getresponse()
                page = answer.read().decode()
                connection.close()
                assert (answer.status, 'data-refusal="too-large"' in page, words in page) == (413, True, True)


def add(admin: Admin, name: str, content: bytes | None = None, **fields: Any) -> Page:
    upload = (BytesIO(picture() if content is None else content), "picture.png")
    return admin.go("icons/upload", **{"version": "0", "name": name, "picture": upload, **fields})


def saved_icons(logbook: Logbook) -> dict[str, Any] | None:
    with logbook.database() as session:
        saved = select(SavedSettings.choices).where(SavedSettings.section == Section.ICONS)
        choices: dict[str, Any] | None = session.scalars(saved).one()
    return choices
