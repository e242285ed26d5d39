"""The guides of docs/api.md: each example is run as it is."""

import json
import os
import re
import subprocess
import sys
from string import Template

import anyio
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

from b24app.config import PROJECT
from devportal import Portal
from tests.conftest import any_database
from tests.support.logbook import Logbook
from tests.support.machines import machine

pytestmark = any_database

GUIDE = (PROJECT / "docs" / "api.md").read_text()
BLOCKS = re.findall(r"^## (.+?)$|^```([a-z]+)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
RUN = {"bash": ["bash", "-eu", "-c"], "python": [sys.executable, "-c"]}
WANTED = {"curl": ["Paid", "Paid"], "Python": ["Called back"], "A shop's webhook": ["Order A-1007 is paid"]}
WANTED["An alert manager"] = ["Disk of server 7 is full (firing)"]


def examples(heading: str) -> list[tuple[str, str]]:
    """The language and the text of each example below a heading."""
    found, current = [], ""
    for title, language, text in BLOCKS:
        current = title or current
        if language and current == heading:
            found.append((language, text))
    return found


@pytest.mark.parametrize("heading", WANTED)
def test_an_example_does_what_the_guide_says(installed: Logbook, portal: Portal, served: str, heading: str) -> None:
    environ = {**os.environ, "LOGBOOK_URL": served, "LOGBOOK_KEY": machine(installed, portal).key}
    sent = ""
    for language, text in examples(heading):
        if language == "json":
            sent = text
            continue
        for _ in range(2):
            done = subprocess.run(
                [*RUN[language], text], input=sent, env=environ, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
    titles = [entry.title for entry in installed.entries()]
    assert sorted(set(titles)) == sorted(set(WANTED[heading]))
    # Repeated, only the form without an idempotency key makes a second entry.
    assert len(titles) == len(WANTED[heading]) + (heading == "curl")


def test_an_assistant_connects_with_the_configuration(installed: Logbook, portal: Portal, served: str) -> None:
    ((_, text),) = examples("An assistant")
    key = machine(installed, portal).key
    server = json.loads(Template(text).substitute(LOGBOOK_URL=served, LOGBOOK_KEY=key))["mcpServers"]["logbook"]

    async def list_tools() -> set[str]:
        http = create_mcp_http_client(headers=server["headers"])
        async with http, Client(streamable_http_client(server["url"], http_client=http)) as client:
            return {tool.name for tool in (await client.list_tools()).tools}

    assert all(f"`{name}`" in GUIDE for name in anyio.run(list_tools))
