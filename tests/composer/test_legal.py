"""The privacy policy and the terms of use: public pages, with the operator's name and, if wanted, their own texts."""

from dataclasses import replace

import pytest

from b24app import configure
from b24app.config import PROJECT
from tests.conftest import any_database
from tests.support.logbook import Logbook

pytestmark = any_database


def with_settings(logbook: Logbook, **changes: str) -> Logbook:
    configure(logbook.app, replace(logbook.context.config, **changes), logbook.context.engine)  # type: ignore[arg-type]
    return Logbook(logbook.app)


def test_the_start_page_leads_to_both(logbook: Logbook) -> None:
    addresses = {str(link["href"]) for link in logbook.get("/").soup.select("a")}
    assert {"/privacy", "/licence"} <= addresses


@pytest.mark.parametrize("address", ["/privacy", "/licence"])
def test_each_answers_anybody_also_the_markets_probe(logbook: Logbook, address: str) -> None:
    assert logbook.get(address).status == 200
    probe = logbook.app.test_client().head(address)
    assert (probe.status_code, probe.get_data()) == (200, b"")
    assert "Set-Cookie" not in probe.headers


def test_our_own_texts_name_the_operator_the_contact_and_the_licence(logbook: Logbook) -> None:
    named = with_settings(logbook, operator_name="Example <Partners>", operator_contact="privacy@example.com")
    privacy, licence = named.get("/privacy"), named.get("/licence")
    assert "Example <Partners> operates this Logbook." in privacy.one("article").text
    assert privacy.one("article a")["href"] == "mailto:privacy@example.com"
    assert "Example <Partners> lets you use Logbook" in licence.one("article").text
    assert (PROJECT / "LICENSE").read_text().strip() in licence.one("pre").text


def test_without_a_name_the_operator_is_the_host(logbook: Logbook) -> None:
    assert "127.0.0.1 operates this Logbook." in logbook.get("/privacy").text


def test_the_operators_own_text_takes_the_place_of_ours(logbook: Logbook) -> None:
    own = with_settings(
        logbook, privacy_text="First <b>part</b>.\n\nSecond part.\n", operator_contact="https://x.example/y"
    )
    page = own.get("/privacy")
    assert [part.text for part in page.soup.select("article p.as-written")] == ["First <b>part</b>.", "Second part."]
    assert page.one("article a")["href"] == "https://x.example/y"
    assert "operates this Logbook" not in page.text


def test_readers_get_them_in_their_language(logbook: Logbook) -> None:
    answer = logbook.app.test_client().get("/privacy", headers={"Accept-Language": "de"})
    assert "<h1>Datenschutzerklärung</h1>" in answer.text
