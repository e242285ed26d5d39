"""Pictures of people at work in the running demo, for the Market and for the guide; see the Makefile."""

import io
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import expect, sync_playwright

from b24app import market_listing
from b24app.config import PROJECT
from tests.browser.conftest import Demo, launch, start_demo
from tests.browser.crm import Crm
from tests.browser.states import ADD, outcome

# The largest that the Market takes.
SIZE = {"width": 1280, "height": 720}
COLOURS = 256
SETTLING_MILLISECONDS = 400

Scene = Callable[[Demo, Crm], None]


def writing(_demo: Demo, crm: Crm) -> None:
    crm.open_deal(1)
    crm.open_tab()
    crm.write(
        "Call", "Offer discussed", "They want both ovens by Friday, with the longer guarantee.\nNext call: Thursday."
    )


def posted(demo: Demo, crm: Crm) -> None:
    writing(demo, crm)
    crm.post()
    expect(outcome(crm, "posted")).to_be_visible()
    crm.page.get_by_role("tab", name="General").click()
    crm.entry("Offer discussed").first.scroll_into_view_if_needed()


def waiting(demo: Demo, crm: Crm) -> None:
    crm.open_deal(2)
    crm.open_tab()
    demo.control(crm.address, "refuse", code="OVERLOAD_LIMIT", method=ADD, times=1)
    crm.write("Comment", "Visit in the workshop", "We measured the room for the second oven.")
    crm.post()
    expect(outcome(crm, "queued")).to_be_visible()


def settings(_demo: Demo, crm: Crm) -> None:
    crm.open_settings("Where it shows")
    expect(crm.logbook.get_by_role("heading", name="Where it shows", exact=True)).to_be_visible()


FOR_THE_MARKET = (writing, posted, settings)
FOR_THE_GUIDE = (writing, posted, waiting)
SETS: dict[str, tuple[Path, Iterable[Scene]]] = {
    "listing": (PROJECT / "build" / "listing", FOR_THE_MARKET),
    "guide": (PROJECT / "docs" / "pictures", FOR_THE_GUIDE),
}


def main() -> None:
    name = sys.argv[1]
    folder, scenes = SETS[name]
    folder.mkdir(parents=True, exist_ok=True)
    if name == "listing":
        market_listing.write(folder)
    take(folder, scenes)
    sys.stdout.write(f"{folder.relative_to(PROJECT)}: {', '.join(sorted(path.name for path in folder.iterdir()))}\n")


def take(folder: Path, scenes: Iterable[Scene]) -> None:
    """A picture of each scene, in one portal of one demo."""
    with (
        TemporaryDirectory() as data,
        start_demo(Path(data)) as demo,
        sync_playwright() as driver,
        launch(driver) as browser,
    ):
        page = browser.new_page(viewport=SIZE, color_scheme="light")  # type: ignore[arg-type]
        crm = Crm(page, demo.new_portal(name="Brightwater Ovens"))
        crm.install()
        for scene in scenes:
            scene(demo, crm)
            page.wait_for_timeout(SETTLING_MILLISECONDS)
            _save(page.screenshot(), folder / f"{scene.__name__}.png")


def _save(screenshot: bytes, path: Path) -> None:
    """With few colours, which a page does not have many of: a third of the size."""
    picture = Image.open(io.BytesIO(screenshot)).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
