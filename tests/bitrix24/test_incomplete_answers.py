"""Incomplete answers count as lost, and references that a batch cannot fill stay as they are."""

import pytest

from b24app.bitrix24.calls import Call, Reference, ask_all
from b24app.bitrix24.icons import read_added_icon
from b24app.bitrix24.methods import read_application_code
from b24app.errors import AnswerLost

ADDED = Reference("$result[add][logMessage][id]")


def test_an_application_without_a_code_has_its_number() -> None:
    assert read_application_code({"ID": 7}) == "#7"
    with pytest.raises(AnswerLost, match="NO_APPLICATION"):
        read_application_code({})


def test_an_icon_without_a_code_was_not_added() -> None:
    with pytest.raises(AnswerLost, match="NO_ICON"):
        read_added_icon({"icon": {}})


def test_references_are_filled_in_anywhere_if_their_command_has_an_answer() -> None:
    asked: list[Call] = []

    def ask(call: Call) -> object:
        asked.append(call)
        return {"logMessage": {"id": 5}}

    other = Reference("$result[other][id]")
    # Text that a batch would expand: each is sent by itself.
    typed = {"title": "$result[7]"}
    ask_all({"add": Call("a", typed), "bind": Call("b", {**typed, "cards": [{"id": ADDED}, other]})}, ask)
    assert asked[1].parameters == {**typed, "cards": [{"id": 5}, "$result[other][id]"]}
