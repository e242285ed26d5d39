"""The product rows of leads and deals, by the older methods."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...crm.cards import Cards
from ...errors import ApiError
from ...model.records import Item
from ..call import Call
from ..parameters import mapping, to_integer, upper
from ..registry import method
from .crm_classic import asked

OWNERS = {"lead": (1, "L"), "deal": (2, "D")}
ROWS = "productRows"
ABSOLUTE, PERCENTAGE = 1, 2
NUMBERS = ("PRICE", "QUANTITY", "DISCOUNT_RATE", "DISCOUNT_SUM")
PRICES = ("PRICE_EXCLUSIVE", "PRICE_NETTO", "PRICE_BRUTTO")
WHOLE = ("PRODUCT_ID", "DISCOUNT_TYPE_ID", "MEASURE_CODE", "SORT")
UNFILLED: dict[str, Any] = {
    **dict.fromkeys(("PRICE", "DISCOUNT_RATE", "DISCOUNT_SUM"), 0),
    "PRODUCT_ID": 0,
    "QUANTITY": 1,
    "DISCOUNT_TYPE_ID": PERCENTAGE,
    "MEASURE_CODE": 0,
    "MEASURE_NAME": "",
    "SORT": 0,
    **dict.fromkeys(("TAX_RATE", "PRODUCT_DESCRIPTION"), None),
    "TAX_INCLUDED": "N",
    "CUSTOMIZED": "Y",
    "XML_ID": "",
    "TYPE": 1,
    **dict.fromkeys(("STORE_ID", "RESERVE_ID", "DATE_RESERVE_END", "RESERVE_QUANTITY"), None),
}
TEXTS = ("PRODUCT_NAME", "MEASURE_NAME", "TAX_INCLUDED")
FIDELITY = "without a catalogue, reserves, and the sum of the card"


def get(entity_type_id: int, code: str, call: Call) -> list[dict[str, Any]]:
    item = owner(entity_type_id, call, Cards.may_read)
    return [{"OWNER_ID": str(item.id), "OWNER_TYPE": code, **row} for row in item.values.get(ROWS, [])]


def set_rows(entity_type_id: int, code: str, call: Call) -> bool:
    """Replaces all rows of the card."""
    given = upper(call.parameters)
    if not isinstance(given.get("ROWS"), (list, dict)):
        raise ApiError("", "The parameter rows must be array.")
    item = owner(entity_type_id, call, Cards.may_edit)
    rows = [upper(mapping(row)) for row in mapping(given["ROWS"]).values()]
    for row in rows:
        require_discount(row)
    item.values[ROWS] = [kept(row, call.portal.state.next_id("product_row")) for row in rows]
    return True


def owner(entity_type_id: int, call: Call, may: Any) -> Item:
    return asked(entity_type_id, call, may=may, unnumbered="The parameter id is invalid or not defined.")


def require_discount(row: dict[str, Any]) -> None:
    """Checks that a discount's type comes with its value."""
    kind, rate, amount = (row.get(name) for name in ("DISCOUNT_TYPE_ID", "DISCOUNT_RATE", "DISCOUNT_SUM"))
    named = "if Percentage Discount Type (DISCOUNT_TYPE_ID) is defined"
    if str(kind) == str(PERCENTAGE) and rate is None:
        raise ApiError("ERROR_CORE", f"Discount Rate (DISCOUNT_RATE) is required {named}<br>")
    if str(kind) == str(PERCENTAGE) and amount is None and number_of(rate) == 100:
        whole = f"{named} and Discount Rate (DISCOUNT_RATE) is 100%"
        raise ApiError("ERROR_CORE", f"Discount Sum (DISCOUNT_SUM) is required {whole}<br>")
    if str(kind) == str(ABSOLUTE) and amount is None:
        named = "if Monetary Discount Type (DISCOUNT_TYPE_ID) is defined"
        raise ApiError("ERROR_CORE", f"Discount Sum (DISCOUNT_SUM) is required {named}<br>")


def kept(row: dict[str, Any], number: int) -> dict[str, Any]:
    """A row as the portal returns it; a row without a name is named by its number."""
    price = number_of(row.get("PRICE") or 0)
    numbers = {name: number_of(row[name]) for name in (*NUMBERS, *PRICES, "TAX_RATE") if row.get(name) is not None}
    whole = {name: to_integer(row[name]) or 0 for name in WHOLE if row.get(name) is not None}
    texts = {name: str(row[name]) for name in TEXTS if row.get(name) is not None}
    prices = dict.fromkeys(PRICES, price) | {"PRICE_ACCOUNT": f"{price:.8f}"}
    made = {"ID": str(number), "PRODUCT_NAME": f"[{number}]", **UNFILLED, **prices, **numbers, **whole, **texts}
    return {**made, "ORIGINAL_PRODUCT_NAME": made["PRODUCT_NAME"]}


def number_of(value: Any) -> float:
    """A number as cast by PHP: anything else is 0."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return 0
    return int(number) if number.is_integer() else number


for kind, (number, code) in OWNERS.items():
    method(f"crm.{kind}.productrows.get", scopes=("crm",), who="may read the card", refusals=("",), fidelity=FIDELITY)(
        partial(get, number, code)
    )
    method(
        f"crm.{kind}.productrows.set",
        scopes=("crm",),
        who="may edit the card",
        refusals=("", "ERROR_CORE"),
        fidelity=FIDELITY,
    )(partial(set_rows, number, code))
