"""The stages of cards, and their pipelines."""

from __future__ import annotations

from dataclasses import dataclass

from .kinds import FIRST_DYNAMIC_ID

INVOICE = 31
WITHOUT_STAGES = (3, 4)
DIRECTORIES = {1: "STATUS", 2: "DEAL_STAGE", 7: "QUOTE_STATUS"}
IN_PROGRESS, SUCCESS, FAILURE = "P", "S", "F"


@dataclass(frozen=True, slots=True)
class Stage:
    """`code` is the stage's part of a card's `stageId`; `semantics` distinguishes success, failure and all others."""

    code: str
    name: str
    semantics: str = IN_PROGRESS


STAGES: dict[int, list[Stage]] = {
    1: [
        Stage("NEW", "New"),
        Stage("IN_PROCESS", "In progress"),
        Stage("QUALIFIED", "Qualified"),
        Stage("CONVERTED", "Converted", SUCCESS),
        Stage("JUNK", "Junk", FAILURE),
    ],
    2: [
        Stage("NEW", "New"),
        Stage("PROPOSAL", "Proposal"),
        Stage("NEGOTIATION", "Negotiation"),
        Stage("INVOICE", "Final invoice"),
        Stage("WON", "Won", SUCCESS),
        Stage("LOSE", "Lost", FAILURE),
    ],
    7: [
        Stage("DRAFT", "Draft"),
        Stage("SENT", "Sent to client"),
        Stage("APPROVED", "Approved", SUCCESS),
        Stage("DECLAINED", "Declined", FAILURE),
    ],
    31: [
        Stage("N", "New"),
        Stage("S", "Sent"),
        Stage("P", "Paid", SUCCESS),
        Stage("D", "Unpaid", FAILURE),
    ],
    14: [Stage("ACCEPTED", "Accepted"), Stage("PACKED", "Packed"), Stage("SHIPPED", "Shipped", SUCCESS)],
    1032: [
        Stage("PLANNING", "Planning"),
        Stage("RUNNING", "In progress"),
        Stage("REVIEW", "Review"),
        Stage("SUCCESS", "Done", SUCCESS),
        Stage("FAIL", "Failed", FAILURE),
    ],
}
OTHERS = [
    Stage("NEW", "Start"),
    Stage("PREPARATION", "Preparation"),
    Stage("SUCCESS", "Done", SUCCESS),
    Stage("FAIL", "Failed", FAILURE),
]


def all_stages(entity_type_id: int) -> dict[str, Stage]:
    """A kind's stages by `stageId`, in their order."""
    if entity_type_id in WITHOUT_STAGES:
        return {}
    return {stage_id(entity_type_id, stage.code): stage for stage in STAGES.get(entity_type_id, OTHERS)}


def stages_of(entity_type_id: int) -> list[tuple[str, str]]:
    """Ids and names of the stages on top of a card, without failures."""
    found = all_stages(entity_type_id).items()
    return [(number, stage.name) for number, stage in found if stage.semantics != FAILURE]


def stage_name(entity_type_id: int, stage: str) -> str:
    found = all_stages(entity_type_id).get(stage)
    return found.name if found else ""


def semantics_of(entity_type_id: int, stage: str) -> str | None:
    found = all_stages(entity_type_id).get(stage)
    return found.semantics if found else None


def first_stage(entity_type_id: int) -> str | None:
    return next(iter(all_stages(entity_type_id)), None)


def has_prefixed_stages(entity_type_id: int) -> bool:
    """Invoices and smart processes name type and pipeline in each stage."""
    return entity_type_id == INVOICE or entity_type_id >= FIRST_DYNAMIC_ID


def stage_id(entity_type_id: int, code: str) -> str:
    if not has_prefixed_stages(entity_type_id):
        return code
    return f"DT{entity_type_id}_{category_of(entity_type_id)}:{code}"


def category_of(entity_type_id: int) -> int:
    """The only pipeline of a kind: 0 for those that have always had one, a number of its own for the others."""
    if entity_type_id == INVOICE:
        return 1
    return (entity_type_id - 1028) // 2 if entity_type_id >= FIRST_DYNAMIC_ID else 0


def directory_of_stages(entity_type_id: int) -> str:
    """The ENTITY_ID under which `crm.status.list` has the stages of a kind."""
    if entity_type_id in DIRECTORIES:
        return DIRECTORIES[entity_type_id]
    code = "SMART_INVOICE" if entity_type_id == INVOICE else f"DYNAMIC_{entity_type_id}"
    return f"{code}_STAGE_{category_of(entity_type_id)}"
