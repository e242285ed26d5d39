"""A batch carries up to fifty commands, which may look at each other's results."""

from urllib.parse import quote

import requests

from devportal import Portal
from tests.devportal.client import Caller


def test_named_commands_answer_under_their_names(employee: Caller) -> None:
    body = employee.result("batch", cmd={"me": "profile", "gone": "crm.item.get?entityTypeId=2&id=999"})
    assert body["result"]["me"]["ID"] == "7"
    assert body["result_error"]["gone"]["error"] == "NOT_FOUND"
    assert set(body["result_time"]) == {"me"}
    assert body["result_total"] == body["result_next"] == []


def test_numbered_commands_answer_as_an_array_until_one_fails(employee: Caller) -> None:
    good = employee.result("batch", cmd=["profile", "server.time"])
    assert [type(one) for one in good["result"]] == [dict, str]
    assert good["result_error"] == []
    bad = employee.result("batch", cmd=["nope", "server.time"])
    assert set(bad["result"]) == {"1"}
    assert bad["result_error"][0]["error"] == "ERROR_METHOD_NOT_FOUND"


def test_a_command_may_use_an_earlier_result(employee: Caller) -> None:
    cmd = {
        "card": "crm.item.list?entityTypeId=2",
        "first": "crm.item.get?entityTypeId=2&id=$result[card][items][0][id]",
        "note": "crm.timeline.logmessage.add?fields[entityTypeId]=2&fields[entityId]=$result[first][item][id]"
        "&fields[title]=About $result[first][item][title]&fields[text]=x&fields[iconCode]=info",
    }
    body = employee.result("batch", cmd=cmd)
    assert body["result"]["note"]["logMessage"]["title"] == "About Bakery ovens, second branch"
    assert body["result_total"]["card"] == 9


def test_a_command_may_use_what_else_is_known_of_an_earlier_one(employee: Caller) -> None:
    cmd = {
        "cards": "crm.item.list?entityTypeId=2",
        "gone": "nope",
        "note": "crm.timeline.logmessage.add?fields[entityTypeId]=2&fields[entityId]=1&fields[iconCode]=info"
        "&fields[title]=$total[cards] cards&fields[text]=$error[gone][error], $next[cards]",
    }
    message = employee.result("batch", cmd=cmd)["result"]["note"]["logMessage"]
    assert (message["title"], message["text"]) == ("9 cards", "ERROR_METHOD_NOT_FOUND, ")


def test_a_reference_to_nothing_is_nothing(employee: Caller) -> None:
    body = employee.result("batch", cmd={"a": "crm.item.get?entityTypeId=2&id=$result[none][id]"})
    assert body["result_error"]["a"]["error"] == 100


def test_halt_stops_at_the_first_failure_and_the_word_false_halts_too(employee: Caller) -> None:
    cmd = {"a": "nope", "b": "profile"}
    halting: tuple[object, ...] = (1, "1", True, "false")
    for halt in halting:
        assert employee.result("batch", cmd=cmd, halt=halt)["result"] == []
    going_on: tuple[object, ...] = (0, "0", False, None, "")
    for halt in going_on:
        assert set(employee.result("batch", cmd=cmd, halt=halt)["result"]) == {"b"}


def test_the_fifty_first_command_and_a_batch_in_a_batch_are_refused(employee: Caller) -> None:
    body = employee.result("batch", cmd={f"c{number}": "server.time" for number in range(52)})
    assert len(body["result"]) == 50
    assert {one["error"] for one in body["result_error"].values()} == {"ERROR_BATCH_LENGTH_EXCEEDED"}
    nested = employee.result("batch", cmd={"a": "batch?cmd[x]=profile"})
    assert nested["result_error"]["a"]["error"] == "ERROR_BATCH_METHOD_NOT_ALLOWED"


def test_in_a_form_each_command_is_encoded_twice(portal: Portal, employee: Caller) -> None:
    title = quote("R&D = 50 %")
    command = f"crm.timeline.logmessage.add?fields[entityTypeId]=2&fields[entityId]=1&fields[title]={title}"
    fields = {"auth": employee.token, "halt": "0", "cmd[note]": f"{command}&fields[text]=x&fields[iconCode]=info"}
    answer = requests.post(portal.client_endpoint + "batch", data=fields, timeout=10)
    assert answer.json()["result"]["result"]["note"]["logMessage"]["title"] == "R&D = 50 %"


def test_an_empty_or_senseless_batch_answers_empty(employee: Caller) -> None:
    senseless: tuple[object, ...] = (None, [], {}, "profile", 5)
    for cmd in senseless:
        assert employee.result("batch", cmd=cmd)["result"] == []
