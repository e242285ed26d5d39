"""Calls and answers in the shapes that PHP gives them."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24app.bitrix24 import methods
from b24app.bitrix24.calls import Answers, Call, as_number, batch, decoded, refusal
from b24app.bitrix24.entities import Entity
from b24app.errors import AnswerLost, Refused

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]))


@given(TEXT, TEXT)
def test_what_goes_into_a_batch_comes_out_of_it_letter_by_letter(title: str, text: str) -> None:
    call = methods.add_entry(Entity(2, 7), title=title, text=text, icon_code="call")
    command = batch({"add": call}).parameters["cmd"]["add"]
    method, _, query = command.partition("?")
    assert method == "crm.timeline.logmessage.add"
    assert dict(parse_qsl(query, keep_blank_values=True, strict_parsing=True)) == {
        "fields[entityTypeId]": "2",
        "fields[entityId]": "7",
        "fields[title]": title,
        "fields[text]": text,
        "fields[iconCode]": "call",
    }


def test_an_answer_of_a_batch_is_found_by_its_name() -> None:
    answers = Answers({"result": {"a": 1}, "result_error": {"b": {"error": "ACCESS_DENIED"}}})
    assert answers["a"] == 1
    with pytest.raises(Refused, match="ACCESS_DENIED"):
        answers["b"]
    with pytest.raises(AnswerLost):
        answers["c"]


@pytest.mark.parametrize("empty", [[], {}, None])
def test_an_empty_batch_answer_has_nothing_for_anybody(empty: object) -> None:
    answers = Answers({"result": empty, "result_error": empty})
    with pytest.raises(AnswerLost):
        answers["a"]
    assert answers.refusal_of("a") == ""


ENTRY = {
    "id": "12",
    "created": "2024-04-03T10:26:32+02:00",
    "authorId": 1,
    "title": "T",
    "text": "x",
    "iconCode": "call",
}


@pytest.mark.parametrize(
    "shape",
    [[ENTRY], {"logMessages": [ENTRY]}, {"logMessages": {"1": ENTRY}}, {"3": ENTRY}, {"logMessages": {"0": ENTRY}}],
)
def test_entries_are_read_in_each_shape(shape: object) -> None:
    (entry,) = methods.read_entries(shape)
    assert entry.created_at
    assert (entry.id, entry.author_id, entry.created_at.isoformat()) == (12, 1, "2024-04-03T08:26:32+00:00")


@pytest.mark.parametrize("result", [None, True, "x", {}, ENTRY, {"logMessages": None}, {"logMessages": ENTRY}])
def test_what_is_no_list_of_entries_counts_as_lost(result: object) -> None:
    with pytest.raises(AnswerLost):
        methods.read_entries(result)


@pytest.mark.parametrize("result", [None, True, "x", {}, {"logMessage": None}, {"logMessage": {"id": "x"}}, [ENTRY]])
def test_an_answer_that_is_no_entry_counts_as_lost(result: object) -> None:
    with pytest.raises(AnswerLost):
        methods.read_added_entry(result)


@pytest.mark.parametrize("created", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-14:00", "1969-01-01T00:00:00Z"])
def test_an_added_entry_of_no_time_at_all_is_there_all_the_same(created: str) -> None:
    added = methods.read_added_entry({"logMessage": {**ENTRY, "created": created}})
    assert (added.id, added.created_at) == (12, None)


@pytest.mark.parametrize(
    "error", ["a\ud800\x00b", "A\u0431\u044fB", "\n\r\t\x7f", "e" * 5000, {"x": "\ud800"}, None, ""]
)
def test_a_code_of_a_refusal_is_short_and_printable(error: object) -> None:
    code = refusal({"error": error}, status=200).code
    assert code.isascii()
    assert code.isprintable()
    assert 0 < len(code) <= 64


HOSTILE = st.text(st.sampled_from("a\x00\ud800\udfff"))


NESTED = st.recursive(HOSTILE, lambda inner: st.lists(inner) | st.dictionaries(HOSTILE, inner), max_leaves=5)


@given(NESTED, st.booleans())
def test_every_text_of_the_wire_can_be_stored_and_shown(said: object, is_escaped: bool) -> None:
    body = json.dumps(said, ensure_ascii=is_escaped).encode(errors="surrogatepass")
    for text in texts_of(decoded(body)):
        assert text.encode().decode() == text.replace("\x00", "")


def texts_of(answer: object) -> Iterator[str]:
    if isinstance(answer, str):
        yield answer
    elif isinstance(answer, dict):
        yield from (text for pair in answer.items() for inner in pair for text in texts_of(inner))
    elif isinstance(answer, list):
        yield from (text for inner in answer for text in texts_of(inner))


def test_characters_outside_the_basic_plane_survive_being_escaped() -> None:
    assert decoded(rb'{"title": "\ud83d\ude00", "broken": "\ud83d"}') == {"title": "\U0001f600", "broken": "\ufffd"}


@pytest.mark.parametrize("number", [2**63, -(2**63), "9" * 20, 1e300, float("inf"), float("nan"), "x", None, []])
def test_what_no_database_takes_for_a_number_counts_as_lost(number: object) -> None:
    with pytest.raises(AnswerLost):
        as_number(number)
    assert as_number(str(2**63 - 1)) == 2**63 - 1


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ({"title": "Kitchen"}, "Kitchen"),
        ({"name": "Ada", "secondName": None, "lastName": "Byron"}, "Ada Byron"),
        ({"title": "", "name": ""}, ""),
        ([], ""),
    ],
)
def test_a_card_is_called_by_its_title_or_by_the_name_of_a_person(item: object, name: str) -> None:
    assert methods.read_entity_name({"item": item}) == name


def test_the_empty_profile_of_a_dismissed_person_is_a_refusal() -> None:
    with pytest.raises(Refused):
        methods.read_profile([])


def test_a_profile_is_read() -> None:
    profile = methods.read_profile({"ID": "7", "ADMIN": True, "NAME": "Ada", "LAST_NAME": "Byron", "TIME_ZONE": "UTC"})
    assert profile == methods.Profile(7, "Ada Byron", True, "UTC")


@pytest.mark.parametrize("told", [True, "Y", "y", 1, "1"])
@pytest.mark.parametrize("untold", [False, "N", "n", 0, "0"])
def test_yes_and_no_are_read_however_they_are_written(told: object, untold: object) -> None:
    people = [methods.read_profile({"ID": "7", "ADMIN": flag}) for flag in (told, untold)]
    assert [person.is_administrator for person in people] == [True, False]
    assert [methods.is_unfinished({"INSTALLED": flag}) for flag in (told, untold, None)] == [False, True, False]
    payments = [methods.read_application({"PAYMENT_EXPIRED": flag}).is_expired for flag in (told, untold, None)]
    assert payments == [True, False, False]


NOTICES = [
    "<br />\n<b>Deprecated</b>:  strlen(): Passing null is deprecated in <b>/x.php</b> on line <b>12</b><br />\n",
    "\nWarning: Undefined variable $x in /home/bitrix/www/x.php on line 12\n",
    "PHP Notice: Undefined index: y in /x.php on line 3\r\n",
]


@pytest.mark.parametrize("notice", [*NOTICES, "".join(NOTICES), "\ufeff", "\n\n"])
def test_messages_of_php_around_an_answer_are_ignored(notice: str) -> None:
    said = {"result": {"title": NOTICES[1]}}
    assert decoded((notice + json.dumps(said)).encode()) == said


@pytest.mark.parametrize("notice", NOTICES)
def test_what_php_says_after_an_answer_is_left_out(notice: str) -> None:
    assert decoded(b'{"result": 1}\n' + notice.encode()) == {"result": 1}


@pytest.mark.parametrize(
    "body", ["", NOTICES[0], "<html>{}</html>", "Fatal error: x in /x.php on line 1\n{}", "[" * 100_000]
)
def test_what_else_is_no_json_stays_none(body: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        decoded(body.encode())


def test_a_call_does_not_show_its_parameters() -> None:
    assert "secret" not in repr(Call("x", {"auth": "secret"}))


@pytest.mark.parametrize("error", ["", None, False])
def test_a_result_counts_despite_an_empty_error(error: object) -> None:
    body = {"result": {"a": {"id": 1}}, "result_error": {"a": {"error": error}, "b": {"error": error}}}
    answers = Answers(body)
    assert answers["a"] == {"id": 1}
    assert (answers.refusal_of("a"), answers.first_refusal({})) == ("", "UNKNOWN")
    with pytest.raises(Refused):
        answers["b"]


def test_a_scope_that_is_not_granted_and_not_needed_is_no_failure_of_a_batch() -> None:
    refused = {"error": "insufficient_scope"}
    answers = Answers({"result": {}, "result_error": {"robots": refused, "crm": refused}})
    assert answers.first_refusal({"robots": "bizproc.robot.list", "crm": "crm.item.get"}) == "INSUFFICIENT_SCOPE"
    answers = Answers({"result": {}, "result_error": {"robots": refused}})
    assert answers.first_refusal({"robots": "bizproc.robot.list"}) == ""
