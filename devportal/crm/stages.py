"""The stages that a card passes through, for the bar on top of it."""

from __future__ import annotations

STAGES: dict[int, list[tuple[str, str]]] = {
    1: [("NEW", "New"), ("IN_PROCESS", "In progress"), ("QUALIFIED", "Qualified"), ("CONVERTED", "Converted")],
    2: [
        ("NEW", "New"),
        ("PROPOSAL", "Proposal"),
        ("NEGOTIATION", "Negotiation"),
        ("INVOICE", "Final invoice"),
        ("WON", "Won"),
    ],
    7: [("DRAFT", "Draft"), ("SENT", "Sent to client"), ("APPROVED", "Approved")],
    31: [("NEW", "New"), ("SENT", "Sent"), ("PAID", "Paid")],
    14: [("ACCEPTED", "Accepted"), ("PACKED", "Packed"), ("SHIPPED", "Shipped")],
    1032: [("PLANNING", "Planning"), ("RUNNING", "In progress"), ("REVIEW", "Review"), ("DONE", "Done")],
}
OTHERS = [("NEW", "Start"), ("PREPARATION", "Preparation"), ("DONE", "Done")]
WITHOUT_STAGES = (3, 4)


def stages_of(entity_type_id: int) -> list[tuple[str, str]]:
    if entity_type_id in WITHOUT_STAGES:
        return []
    return STAGES.get(entity_type_id, OTHERS)


def stage_name(entity_type_id: int, stage_id: str) -> str:
    return dict(stages_of(entity_type_id)).get(stage_id, "")
