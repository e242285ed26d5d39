"""The fictitious business that every new portal starts with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..model.records import Item
from .stages import stage_id

DAY = 86_400.0
SMART_TYPE_ID = 1032
SMART_TYPE_TITLE = "Onboarding projects"

COMPANIES = [
    ("Northwind Bakery", "RETAIL", "+49 30 5550 101", "hello@northwind-bakery.example"),
    ("Hallberg Logistics", "TRANSPORT", "+46 8 5550 102", "office@hallberg.example"),
    ("Vetro Glassworks", "MANUFACTURING", "+39 02 5550 103", "info@vetro-glass.example"),
    ("Lumen & Oak", "DESIGN", "+44 20 5550 104", "studio@lumenandoak.example"),
    ("Sierra Dental Group", "HEALTHCARE", "+1 303 555 0105", "desk@sierradental.example"),
    ("Pinecrest Schools", "EDUCATION", "+1 206 555 0106", "admin@pinecrest.example"),
]
CONTACTS = [
    ("Marta", "Silva", "Owner", 1),
    ("Jonas", "Hallberg", "Managing director", 2),
    ("Elena", "Rossi", "Purchasing", 3),
    ("Tom", "Ashworth", "Partner", 4),
    ("Priya", "Nair", "Practice manager", 5),
    ("Daniel", "Cho", "Head of IT", 6),
    ("Sofia", "Brandt", "Accountant", 1),
    ("Lukas", "Meyer", "Fleet manager", 2),
    ("Amelie", "Laurent", "Designer", 4),
]
DEALS = [
    ("Bakery ovens, second branch", 18_400, "NEGOTIATION", 1, 1),
    ("Route planning for 40 trucks", 62_000, "PROPOSAL", 2, 2),
    ("Annual supply of tempered glass", 39_750, "NEW", 3, 3),
    ("Showroom lighting concept", 12_900, "NEGOTIATION", 4, 4),
    ("Practice software, 6 clinics", 84_300, "PROPOSAL", 5, 5),
    ("Tablets for grades 5 to 8", 51_200, "NEW", 6, 6),
    ("Service contract 2026", 7_800, "WON", 1, 7),
    ("Warehouse scanners", 23_600, "INVOICE", 2, 8),
    ("Oak staircase, private house", 15_450, "NEW", 4, 9),
]
LEADS = [
    ("Website request: packaging line", "Nora Fields", "WEBFORM"),
    ("Call from trade fair, booth 14", "Victor Lange", "TRADE_SHOW"),
    ("Referral: dental lab in Boulder", "Ruth Castillo", "RECOMMENDATION"),
    ("Newsletter reply: cold storage", "Oskar Wendt", "EMAIL"),
    ("Chat: delivery times to Malmö", "Ingrid Åkesson", "CHAT"),
    ("Partner tip: city library", "Paul Abara", "PARTNER"),
]
QUOTES = [
    ("Estimate for two deck ovens", 18_400, 1),
    ("Route planning, pilot phase", 14_500, 2),
    ("Tempered glass, 400 m²", 39_750, 3),
    ("Lighting concept, revision B", 13_350, 4),
    ("Clinic licences, three years", 84_300, 5),
]
INVOICES = [
    ("Invoice 2025-0411", 9_200, 1),
    ("Invoice 2025-0412", 31_000, 2),
    ("Invoice 2025-0413", 7_950, 3),
    ("Invoice 2025-0414", 12_900, 4),
    ("Invoice 2025-0415", 28_100, 5),
]
ORDERS = [("Order 1", 480, 1), ("Order 2", 1_265, 2), ("Order 3", 92, 4), ("Order 4", 3_310, 6)]
PROJECTS = [
    ("Northwind: oven installation", "PLANNING", 1),
    ("Hallberg: pilot with five trucks", "RUNNING", 2),
    ("Sierra Dental: data migration", "RUNNING", 5),
    ("Pinecrest: teacher training", "PLANNING", 6),
]


def items(now: float, people: list[int]) -> Iterator[Item]:
    """The cards of a new portal; `people` are responsible in turn."""
    for rows in (companies(), contacts(), leads(), deals(), quotes(), invoices(), orders(), projects()):
        for number, (entity_type_id, title, values) in enumerate(rows, 1):
            owner = people[(number - 1) % len(people)]
            yield Item(number, entity_type_id, title, owner, now - DAY * (3 * number + entity_type_id % 5), values)


Row = tuple[int, str, dict[str, Any]]


def companies() -> Iterator[Row]:
    for title, industry, phone, email in COMPANIES:
        yield 4, title, {"industry": industry, "phone": phone, "email": email, "currencyId": "EUR"}


def contacts() -> Iterator[Row]:
    for name, last_name, post, company in CONTACTS:
        email = f"{name}.{last_name}@mail.example".lower()
        values = {"name": name, "lastName": last_name, "post": post, "companyId": company, "email": email}
        yield 3, f"{name} {last_name}", values


def leads() -> Iterator[Row]:
    for title, person, source in LEADS:
        name, last_name = person.split()
        yield 1, title, {"stageId": "NEW", "name": name, "lastName": last_name, "sourceId": source}


def deals() -> Iterator[Row]:
    for title, amount, stage, company, contact in DEALS:
        yield 2, title, {**money(amount), "stageId": stage, "companyId": company, "contactId": contact, "categoryId": 0}


def quotes() -> Iterator[Row]:
    for title, amount, company in QUOTES:
        yield 7, title, {**money(amount), "stageId": "DRAFT", "companyId": company}


def invoices() -> Iterator[Row]:
    for title, amount, company in INVOICES:
        yield 31, title, {**money(amount), "stageId": stage_id(31, "S"), "companyId": company}


def orders() -> Iterator[Row]:
    for title, amount, company in ORDERS:
        yield 14, title, {**money(amount), "stageId": "ACCEPTED", "companyId": company}


def projects() -> Iterator[Row]:
    for title, stage, company in PROJECTS:
        yield SMART_TYPE_ID, title, {"stageId": stage_id(SMART_TYPE_ID, stage), "companyId": company}


def money(amount: int) -> dict[str, Any]:
    return {"opportunity": amount, "currencyId": "EUR"}
