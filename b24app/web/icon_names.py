"""Bitrix24's built-in icons: their names, groups, and synonyms for searching.

Each code has a symbol of the same name in static/icons.svg. Case matters.
"""

from typing import NamedTuple

from b24app.i18n import marked as _


class Known(NamedTuple):
    """``name`` and ``synonyms`` are for gettext; ``group`` is a key of GROUPS."""

    name: str
    group: str
    synonyms: str


GROUPS = {
    "calls": _("Calls"),
    "messages": _("Messages"),
    "tasks": _("Tasks and dates"),
    "sales": _("Sales"),
    "marks": _("Marks"),
    "machines": _("Automation and more"),
    "own": _("Of this Bitrix24"),
}

KNOWN: dict[str, Known] = {
    "call": Known(_("Call"), "calls", _("phone, telephone, ring, dial")),
    "call-incoming-missed": Known(_("Missed call"), "calls", _("phone, unanswered, lost")),
    "call-incoming": Known(_("Incoming call"), "calls", _("phone, received, inbound")),
    "call-completed": Known(_("Completed call"), "calls", _("phone, done, talked")),
    "call-outcoming": Known(_("Outgoing call"), "calls", _("phone, dialled, outbound")),
    "document": Known(_("Document"), "sales", _("file, paper, contract, page")),
    "IM": Known(_("Chat"), "messages", _("messenger, conversation, talk")),
    "circle-check": Known(_("Check in a circle"), "marks", _("done, approved, success, tick")),
    "info": Known(_("Information"), "marks", _("note, hint, details")),
    "relation": Known(_("Relation"), "marks", _("connected, tree, branch")),
    "link": Known(_("Link"), "marks", _("chain, attach, address")),
    "unlink": Known(_("Removed link"), "marks", _("broken chain, detach, disconnect")),
    "store": Known(_("Store"), "sales", _("shop, warehouse, market")),
    "view": Known(_("View"), "marks", _("eye, seen, looked at, opened")),
    "stage-change": Known(_("Change of stage"), "sales", _("step, status, progress, moved")),
    "sum": Known(_("Sum"), "sales", _("amount, total, sigma")),
    "open-line-incoming-message": Known(_("Incoming Open Channel message"), "messages", _("customer, social network")),
    "clock": Known(_("Clock"), "marks", _("time, waiting, deadline, later")),
    "mail-outcome": Known(_("Outgoing mail"), "messages", _("email, letter, envelope, sent")),
    "complete": Known(_("Complete"), "marks", _("done, finished, double tick")),
    "check": Known(_("Check"), "marks", _("done, tick, yes, ok")),
    "comment": Known(_("Comment"), "messages", _("note, remark, speech bubble")),
    "sms": Known(_("SMS"), "messages", _("text message, mobile")),
    "whatsapp": Known(_("WhatsApp"), "messages", _("messenger, chat")),
    "task": Known(_("Task"), "tasks", _("to-do, job, work")),
    "pipeline": Known(_("Pipeline"), "sales", _("funnel, filter, sales")),
    "wallet": Known(_("Wallet"), "sales", _("money, payment, cash, purse")),
    "attention": Known(_("Attention"), "marks", _("warning, caution, alert, important")),
    "bank-card": Known(_("Bank card"), "sales", _("payment, credit card, paid")),
    "conversion": Known(_("Conversion"), "sales", _("exchange, arrows, converted")),
    "calendar": Known(_("Calendar"), "tasks", _("date, day, appointment, meeting")),
    "circle-crossed": Known(_("Cross in a circle"), "marks", _("cancelled, refused, failed, no")),
    "task-ping": Known(_("Task reminder"), "tasks", _("bell, ping, nudge")),
    "task-new-comment": Known(_("New comment on a task"), "tasks", _("added, remark, reply")),
    "task-viewed-comment": Known(_("Comment on a task was read"), "tasks", _("seen, eye")),
    "task-activity": Known(_("Activity in a task"), "tasks", _("pulse, change, event")),
    "ai-copilot": Known(_("CoPilot"), "machines", _("artificial intelligence, AI, stars")),
    "ai-process": Known(_("CoPilot at work"), "machines", _("artificial intelligence, AI, processing")),
    "restoration": Known(_("Restored"), "marks", _("back, undo, recovered, history")),
    "arrow-up": Known(_("Arrow up"), "marks", _("more, raise, growth")),
    "arrow-down": Known(_("Arrow down"), "marks", _("less, lower, drop")),
    "visit": Known(_("Visit"), "tasks", _("place, map, location, meeting")),
    "camera": Known(_("Camera"), "machines", _("photo, picture, video")),
    "copy": Known(_("Copy"), "machines", _("duplicate, twin")),
    "robot": Known(_("Robot"), "machines", _("automation, bot, machine")),
    "cycle-equal": Known(_("Repetition"), "machines", _("loop, cycle, again, regular")),
    "bizproc": Known(_("Workflow"), "machines", _("business process, diagram, scheme")),
    "message-with-point": Known(_("Unread message"), "messages", _("new, notification, dot")),
    "booking": Known(_("Booking"), "tasks", _("reservation, appointment, date")),
}
