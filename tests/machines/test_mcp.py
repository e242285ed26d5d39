"""Assistants: MCP with plain JSON-RPC, and with the official client over real HTTP."""

import json
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from werkzeug.test import TestResponse

from devportal import Portal
from tests.conftest import any_database
from tests.support.logbook import Logbook
from tests.support.machines import DEAL, ENTRY, Machine, machine, problem, told

pytestmark = any_database


class Assistant:
    """Speaks JSON-RPC with a key."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def send(self, message: Any, **headers: str) -> TestResponse:
        body = message if isinstance(message, str | bytes) else json.dumps(message)
        authorization = {"Authorization": f"Bearer {self.machine.key}", **headers}
        client = self.machine.logbook.app.test_client()
        kind = authorization.pop("Content-Type", "application/json")
        return client.post("/mcp", data=body, content_type=kind, headers=authorization)

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        answer = self.send({"jsonrpc": "2.0", "id": 7, "method": method, "params": params})
        assert (answer.status_code, told(answer)["id"]) == (200, 7)
        return told(answer)

    def call(self, tool: str, **arguments: Any) -> tuple[bool, dict[str, Any]]:
        """Whether it was an error, and what the tool returned."""
        result = self.ask("tools/call", name=tool, arguments=arguments)["result"]
        assert json.loads(result["content"][0]["text"]) == result["structuredContent"]
        return result["isError"], result["structuredContent"]


@pytest.fixture
def assistant(installed: Logbook, portal: Portal) -> Assistant:
    return Assistant(machine(installed, portal, portal.employee))


class TestProtocol:
    """POST /mcp"""

    @pytest.mark.parametrize(
        ("wanted", "spoken"), [("2025-06-18", "2025-06-18"), ("1999-01-01", "2025-11-25"), (None, "2025-11-25")]
    )
    def test_a_version_is_agreed_upon(self, assistant: Assistant, wanted: str | None, spoken: str) -> None:
        result = assistant.ask("initialize", protocolVersion=wanted)["result"]
        assert result["protocolVersion"] == spoken
        assert result["serverInfo"]["name"] == "logbook"
        assert assistant.ask("ping")["result"] == {}

    def test_tools_say_which_of_them_write(self, assistant: Assistant) -> None:
        tools = {tool["name"]: tool for tool in assistant.ask("tools/list")["result"]["tools"]}
        read_only = {name: tool["annotations"]["readOnlyHint"] for name, tool in tools.items()}
        assert read_only == {
            "list_icons": True,
            "list_templates": True,
            "find_card": True,
            "list_entries": True,
            "write_entry": False,
        }
        assert all(tool["inputSchema"]["type"] == "object" for tool in tools.values())

    def test_the_tool_that_writes_asks_for_what_makes_it_idempotent(self, assistant: Assistant) -> None:
        (tool,) = [one for one in assistant.ask("tools/list")["result"]["tools"] if one["name"] == "write_entry"]
        assert tool["annotations"]["idempotentHint"]
        assert tool["inputSchema"]["required"] == ["card", "idempotency_key"]
        wanted = {**ENTRY, "idempotency_key": "one"}
        first, second = assistant.call("write_entry", **wanted), assistant.call("write_entry", **wanted)
        assert first == second
        assert len(assistant.machine.logbook.entries()) == 1

    def test_notifications_have_no_answer(self, assistant: Assistant) -> None:
        answer = assistant.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        assert (answer.status_code, answer.text) == (202, "")

    def test_answers_to_what_was_never_asked_have_none_either(self, assistant: Assistant) -> None:
        answer = assistant.send({"jsonrpc": "2.0", "id": 1, "result": {}})
        assert (answer.status_code, answer.text) == (202, "")

    @pytest.mark.parametrize(("method", "status"), [("GET", 405), ("DELETE", 405)])
    def test_there_is_no_stream_and_no_session(self, assistant: Assistant, method: str, status: int) -> None:
        answer = assistant.machine.logbook.app.test_client().open("/mcp", method=method)
        assert problem(answer) == (status, set())

    @pytest.mark.parametrize(
        ("message", "status", "code"),
        [
            ([], 400, -32600),
            ({"id": 1, "method": "ping"}, 400, -32600),
            ({"jsonrpc": "2.0", "id": None, "method": "ping"}, 400, -32600),
            ({"jsonrpc": "2.0", "id": 1, "method": "resources/list"}, 200, -32601),
            ({"jsonrpc": "2.0", "id": 1, "method": "ping", "params": []}, 200, -32602),
            ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "rm"}}, 200, -32602),
            (
                {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_icons", "arguments": []}},
                200,
                -32602,
            ),
        ],
    )
    def test_what_is_no_request_is_an_error(self, assistant: Assistant, message: Any, status: int, code: int) -> None:
        answer = assistant.send(message)
        assert (answer.status_code, told(answer)["error"]["code"]) == (status, code)

    def test_bodies_headers_and_keys_are_checked_like_elsewhere(self, assistant: Assistant) -> None:
        ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        assert problem(assistant.send("{")) == (400, set())
        assert problem(assistant.send(b'{"a": 1, "a": 2}')) == (400, set())
        assert problem(assistant.send("[" * 1000 + "]" * 1000)) == (400, set())
        assert problem(assistant.send("x" * 1_000_000)) == (413, set())
        assert problem(assistant.send(ping, **{"MCP-Protocol-Version": "1999-01-01"})) == (400, set())
        assert problem(assistant.send(ping, Origin="https://evil.example")) == (403, set())
        assert problem(assistant.send(ping, **{"Content-Type": "text/plain"})) == (415, set())
        assistant.machine.key = "lbk_" + "x" * 43
        assert problem(assistant.send(ping)) == (401, set())


class TestTools:
    """tools/call"""

    def test_an_entry_is_written_once(self, assistant: Assistant, portal: Portal) -> None:
        is_error, receipt = assistant.call("write_entry", **ENTRY, idempotency_key="a")
        assert (is_error, receipt["state"]) == (False, "waiting")
        assistant.machine.logbook.work()
        again = assistant.call("write_entry", **ENTRY, idempotency_key="a")
        assert again == (False, {**receipt, "state": "posted"})
        assert [message.author_id for message in portal.timeline(DEAL, 1)] == [portal.employee.id]

    def test_the_assistant_is_told_what_is_wrong(self, assistant: Assistant) -> None:
        is_error, refusal = assistant.call("write_entry", **{**ENTRY, "icon": "nonsense"})
        assert (is_error, set(refusal["errors"])) == (True, {"icon"})
        assert assistant.call("write_entry", **ENTRY, idempotency_key=7)[0]
        assert assistant.call("list_entries", card={"type": "deal"})[1]["errors"].keys() == {"card.id"}
        assert assistant.call("find_card", type="order", words="")[1]["errors"].keys() == {"type", "words"}
        assert assistant.machine.logbook.entries() == []

    def test_entries_are_those_that_the_keys_own_user_may_read(self, assistant: Assistant, portal: Portal) -> None:
        logbook = assistant.machine.logbook
        logbook.post(logbook.send(portal.frame(portal.administrator)).form, icon="call", title="Secret", text="Words")
        (entry,) = assistant.call("list_entries", card=ENTRY["card"])[1]["entries"]
        assert (entry["title"], entry["author"]) == ("Secret", portal.administrator.full_name)
        portal.deny_read(portal.employee, DEAL, 1)
        is_error, refusal = assistant.call("list_entries", card=ENTRY["card"])
        assert is_error
        assert "Secret" not in str(refusal)

    def test_cards_are_found_by_their_names(self, assistant: Assistant, portal: Portal) -> None:
        number = portal.add_item(DEAL, "Fairway extension")
        (card,) = assistant.call("find_card", type="deal", words="airway ext")[1]["cards"]
        assert (card["id"], card["name"]) == (number, "Fairway extension")
        portal.deny_read(portal.employee, DEAL, number)
        assert assistant.call("find_card", type="deal", words="airway ext")[1]["cards"] == []
        contacts = assistant.call("find_card", type="contact", words="a")[1]["cards"]
        assert contacts

    def test_a_portal_that_does_not_answer_is_reported(self, assistant: Assistant, portal: Portal) -> None:
        portal.faults.html(times=1)
        is_error, refusal = assistant.call("list_entries", card=ENTRY["card"])
        assert (is_error, "Bitrix24" in refusal["detail"]) == (True, True)

    def test_lists_are_those_of_the_interface(self, assistant: Assistant) -> None:
        assert assistant.call("list_icons")[1] == told(assistant.machine.get("/icons"))
        assert assistant.call("list_templates")[1] == {"templates": []}


def test_the_official_client_lists_finds_and_writes(installed: Logbook, portal: Portal, served: str) -> None:
    key = machine(installed, portal, portal.employee).key

    async def talk() -> None:
        http = create_mcp_http_client(headers={"Authorization": f"Bearer {key}"})
        async with http, Client(streamable_http_client(f"{served}/mcp", http_client=http)) as client:
            names = {tool.name for tool in (await client.list_tools()).tools}
            assert "write_entry" in names
            written = await client.call_tool("write_entry", {**ENTRY, "idempotency_key": "a"})
            assert (written.is_error, (written.structured_content or {})["state"]) == (False, "waiting")
            refused = await client.call_tool("write_entry", {**ENTRY, "icon": "nonsense"})
            assert refused.is_error

    anyio.run(talk)
    installed.work()
    assert [message.title for message in portal.timeline(DEAL, 1)] == ["Called"]
