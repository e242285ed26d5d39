"""Logbook as a browser, a portal's server and the worker meet it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from b24app import write_behind
from b24app.bitrix24.entities import tab_of
from b24app.bitrix24.related_cards import DEAL
from b24app.context import Context
from b24app.machine_models import Callback
from b24app.models import Base, LogEntry, Portal, TokenPair
from devportal import FramePost
from devportal import Portal as BoxPortal
from devportal.model.people import Person
from tests.support.folders import until_exit
from tests.support.markup import Element, parse

# What the rows wait for, or what they judge by how long ago it was.
WAITED_FOR: dict[type[Base], tuple[str, ...]] = {
    LogEntry: ("due_at", "attempted_at", "deletion_due_at", "cards_due_at"),
    Callback: ("due_at",),
    TokenPair: ("lease_until", "obtained_at"),
    Portal: ("check_due_at", "announced_at", "parked_until", "leased_until", "places_due_at"),
}

COMPILED_TEMPLATES = FileSystemBytecodeCache(until_exit("templates"))


@dataclass(frozen=True)
class Page:
    """An answer, and what a reader sees in it."""

    status: int
    headers: Mapping[str, str]
    text: str

    @cached_property
    def soup(self) -> Element:
        return parse(self.text)

    @property
    def outcome(self) -> str | None:
        found = self.soup.select("[data-outcome]")
        assert len(found) <= 1
        return str(found[0]["data-outcome"]) if found else None

    @property
    def refusal(self) -> str | None:
        found = self.soup.select_one("[data-refusal]")
        return str(found["data-refusal"]) if found else None

    @property
    def heading(self) -> str:
        return self.one("h1").get_text(" ", strip=True)

    @property
    def icons(self) -> list[str]:
        return [str(radio["value"]) for radio in self.soup.select("input[type=radio][name=icon]")]

    @property
    def entry_ids(self) -> list[int]:
        return [int(str(entry["data-entry-id"])) for entry in self.soup.select("[data-entry-id]")]

    @property
    def history(self) -> list[Element]:
        return self.soup.select("li.entry")

    @property
    def form(self) -> dict[str, str]:
        """What a browser would send if nobody touched the form."""
        form = self.one("form")
        fields = {str(field["name"]): str(field.get("value", "")) for field in form.select("input[type=hidden]")}
        fields |= {str(field["name"]): str(field.get("value", "")) for field in form.select("input:not([type])")}
        fields |= {str(field["name"]): str(field["value"]) for field in form.select("input[type=radio][checked]")}
        # A browser drops the first line break of a text area.
        areas = {str(area["name"]): area.get_text().removeprefix("\n") for area in form.select("textarea")}
        return fields | areas

    def one(self, selector: str) -> Element:
        found = self.soup.select_one(selector)
        assert found, f"no {selector} in {self.text}"
        return found


class Logbook:
    """The application in this process; the portals it talks to are real servers."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        # Each test makes an application of its own; compiling the same templates for each took a third of the time.
        self.app.jinja_env.bytecode_cache = COMPILED_TEMPLATES
        self.context: Context = app.extensions["logbook"]

    def send(self, frame: FramePost, **changes: Any) -> Page:
        """What a browser does with a frame of the portal; ``changes`` are to the fields of the body."""
        fields = {name: value for name, value in {**frame.fields, **changes}.items() if value is not None}
        path = frame.url.removeprefix(self.context.config.app_url)
        return self._page(self.app.test_client().post(path, query_string=frame.query, data=fields))

    def open_tab(
        self,
        portal: BoxPortal,
        type_id: int = DEAL,
        card_id: int = 1,
        *,
        person: Person | None = None,
        language: str = "",
    ) -> Page:
        """Open the tab on a card, as the employee unless it is another person, in their language or in this one."""
        frame = portal.frame(person or portal.employee, tab_of(type_id), {"ID": str(card_id)})
        return self.send(replace(frame, query={**frame.query, "LANG": language}) if language else frame)

    def post(self, form: Mapping[str, str], **fields: str) -> Page:
        """Fill in a composer's form and post it."""
        return self._page(self.app.test_client().post("/entries", data={**form, **fields}))

    def post_by_script(self, form: Mapping[str, str], **fields: str) -> Page:
        """The same as composer.js does it."""
        return self.submit_by_script("/entries", {**form, **fields})

    def submit_by_script(self, address: str, form: Mapping[str, str]) -> Page:
        headers = {"X-Answer": "parts"}
        return self._page(self.app.test_client().post(address, data=dict(form), headers=headers))

    def submit(self, address: str, form: Mapping[str, Any]) -> Page:
        return self._page(self.app.test_client().post(address, data=dict(form)))

    def get(self, address: str, **query: str) -> Page:
        return self._page(self.app.test_client().get(address, query_string=query))

    def event(self, fields: Mapping[str, str]) -> int:
        """Posts like a server of Bitrix24; returns the status."""
        return self.app.test_client().post("/events", data=dict(fields)).status_code

    def work(self) -> None:
        """One round of the worker."""
        result = self.app.test_cli_runner().invoke(args=["worker", "--once"], catch_exceptions=False)
        assert result.exit_code == 0, result.output

    @contextmanager
    def database(self) -> Iterator[Session]:
        write_behind.of(self.context.engine).write()
        with self.context.sessions() as session:
            yield session

    def pass_time(self, seconds: float) -> None:
        """As if so much time had gone by: everything that Logbook waits for comes nearer."""
        with self.database() as session:
            for table, columns in WAITED_FOR.items():
                for row in session.scalars(select(table)):
                    moments = {name: moment for name in columns if (moment := getattr(row, name))}
                    for name, moment in moments.items():
                        setattr(row, name, moment - timedelta(seconds=seconds))
            session.commit()

    def entries(self) -> list[LogEntry]:
        """Every entry that was written down, oldest first."""
        with self.database() as session:
            return list(session.scalars(select(LogEntry).order_by(LogEntry.id)))

    def close(self) -> None:
        """Let go of the database."""
        self.context.queue.close()
        write_behind.of(self.context.engine).close()
        self.context.engine.dispose()

    def _page(self, answer: TestResponse) -> Page:
        return Page(answer.status_code, dict(answer.headers), answer.get_data(as_text=True))
