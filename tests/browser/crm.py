"""What a person does in the portal; everything is found by role and name, as with screen readers."""

from playwright.sync_api import Frame, FrameLocator, Locator, Page, expect

ANNA, BEN, CLARA = "Anna Keller", "Ben Okafor", "Clara Lindqvist"
POSITIONS = {ANNA: "Administrator", BEN: "Account executive", CLARA: "Assistant"}


def frame_of(page: Page) -> Frame:
    """The application's frame, to look inside."""
    return next(frame for frame in page.frames if frame.parent_frame)


class Crm:
    """One portal in one browser page."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.language = "en"

    @property
    def logbook(self) -> FrameLocator:
        """The inside of the application's frame."""
        return self.page.frame_locator("iframe")

    @property
    def timeline(self) -> Locator:
        return self.page.get_by_role("region", name="Timeline", include_hidden=True)

    def entry(self, title: str) -> Locator:
        """That entry on the card's timeline; it may be hidden behind the tab."""
        return self.timeline.get_by_role("listitem", include_hidden=True).filter(has_text=title)

    def install(self) -> None:
        """As the administrator, from the list of applications until the application opens by itself."""
        self.page.goto(f"{self.address}/market/")
        self.page.get_by_role("main").get_by_role("button", name="Install").click()
        self.wait_for(self.logbook.get_by_role("heading", name="Logbook settings"))

    def open_settings(self, section: str = "") -> None:
        """The application's own page, and a section of it."""
        self.page.goto(f"{self.address}/marketplace/app/1/")
        self.wait_for(self.logbook.get_by_role("heading", name="Logbook settings"))
        if section:
            self.press(section)

    def press(self, name: str) -> None:
        """A button of ours by exactly this name."""
        self.click(self.logbook.get_by_role("button", name=name, exact=True))

    def click(self, button: Locator) -> None:
        """A button of ours, wherever it is."""
        button.click()

    def act_as(self, person: str) -> None:
        """The portal's switch submits itself, or has a button where there is no script."""
        self.page.get_by_label("Acting as").select_option(label=person)
        if no_script := self.page.get_by_role("button", name="Switch").all():
            no_script[0].click()
        expect(self.page.get_by_role("option", name=person, selected=True)).to_be_attached()
        expect(self.page.get_by_role("banner")).to_contain_text(POSITIONS[person])

    def speak(self, language: str) -> None:
        """Choose the language in which the portal opens frames, by Bitrix24's code."""
        self.language = language
        self.page.goto(f"{self.address}/crm/deal/list/")
        if language != self.page.get_by_label("Language").input_value():
            with self.page.expect_navigation():
                self.page.get_by_label("Language").select_option(language)

    def open_deal(self, number: int) -> None:
        self.page.goto(f"{self.address}/crm/deal/details/{number}/")

    def open_tab(self) -> None:
        self.page.get_by_role("tab", name="Logbook").click()
        if no_script := self.page.get_by_role("button", name="Open Logbook").all():
            no_script[0].click()
        post = self.logbook.get_by_role("button", name="Post")
        self.wait_for(post)
        expect(post).to_be_enabled()

    def wait_for(self, part: Locator) -> None:
        """A page of ours with this part, whose scripts have begun: they do so before it counts as loaded."""
        expect(part).to_be_visible()
        frame_of(self.page).wait_for_load_state()

    def write(self, icon: str, title: str, text: str) -> None:
        self.logbook.get_by_role("radio", name=icon, exact=True).check()
        self.logbook.get_by_label("Title").fill(title)
        self.logbook.get_by_label("Text").fill(text)

    def post(self) -> None:
        self.click(self.logbook.get_by_role("button", name="Post"))


class PlainCrm(Crm):
    """The same for somebody without script, to whom every button brings another page.

    That page is waited for: the one before may say already what is expected of it.
    """

    def click(self, button: Locator) -> None:
        with self.page.expect_event("framenavigated", lambda frame: frame.parent_frame is not None):
            button.click()
