"""The README says what the code does."""

import re

from devportal.controls import CONTROLS
from devportal.readme_tables import README, with_tables
from devportal.rest.registry import METHODS

TEXT = README.read_text("utf-8")


def test_the_tables_are_those_of_the_code() -> None:
    assert with_tables(TEXT) == TEXT, "run `python -m devportal.readme_tables`"


def test_every_method_and_every_control_has_its_line() -> None:
    for name in [*METHODS, *(control for control in CONTROLS if not control.startswith("dialect-"))]:
        assert f"\n| `{name}` |" in TEXT


def test_every_control_in_the_examples_exists() -> None:
    assert set(re.findall(r"/_box/controls/([a-z-]+)", TEXT)) <= set(CONTROLS)


def test_every_address_in_the_examples_is_a_page() -> None:
    from devportal.pages.site import SITE

    rules = {rule.rule.split("<")[0] for rule in SITE.url_map.iter_rules()}
    assert set(re.findall(r"(/_box/[a-z]+/?)", TEXT)) <= rules
