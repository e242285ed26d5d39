"""Our tables. Everything belongs to a portal, so deleting its row deletes all that we store about it."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Enum, ForeignKey, Index, Integer, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from b24app.columns import Base as Base
from b24app.columns import RowId, UtcDateTime, partial
from b24app.crypto import Encrypted


class Portal(Base):
    """A portal that has installed Logbook, identified by its member_id; its address may change."""

    __tablename__ = "portals"

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    member_id: Mapped[str] = mapped_column(String(64), unique=True)
    client_endpoint: Mapped[str] = mapped_column(String(512))
    authority: Mapped[str] = mapped_column(String(512))
    app_code: Mapped[str] = mapped_column(String(255))
    application_token: Mapped[str | None] = mapped_column(Encrypted("portals.application_token"))
    icons: Mapped[list[list[str]] | None] = mapped_column(JSON)
    icons_read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Whether it lists more icons than we store.
    has_more_icons: Mapped[bool] = mapped_column(default=False)
    is_enterprise: Mapped[bool] = mapped_column(default=False)
    installed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Bitrix24 says that the installation has ended; the portal is not served while this is being confirmed.
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_event_ts: Mapped[int | None] = mapped_column(BigInteger)
    # An uninstall was announced and is being checked: anybody with the application token can send the event.
    announced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_token_forged: Mapped[bool] = mapped_column(default=False)
    check_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    checks_failed: Mapped[int] = mapped_column(Integer, default=0)
    checks_alive: Mapped[int] = mapped_column(Integer, default=0)
    # The number of this installation: token pairs of earlier ones prove nothing about it.
    installation: Mapped[int] = mapped_column(Integer, default=1)
    # The end of the installation is proved: the portal is hidden and being deleted.
    purged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # While parked, the worker makes no calls to the portal; ``notice`` is shown to its administrators.
    parked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # How many times in a row it did not answer; the worker waits longer each time.
    silences: Mapped[int] = mapped_column(Integer, default=0)
    notice: Mapped[str | None] = mapped_column(String(64))
    # A smart process was added or removed; the bindings have to be updated after this time.
    places_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # While leased, one worker delivers the portal's waiting entries.
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    leased_by: Mapped[str | None] = mapped_column(String(64))

    # The administrators' settings, loaded together with the portal if needed.
    sections: Mapped[list["SavedSettings"]] = relationship(viewonly=True)

    @property
    def origin(self) -> str:
        """Scheme, host and port of the portal, as browsers compare them."""
        return "/".join(self.client_endpoint.split("/")[:3])

    @property
    def host(self) -> str:
        return self.origin.partition("://")[2]


class Person(Base):
    """A person who has opened Logbook in a portal; ``bitrix_id`` is their number there."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("portal_id", "bitrix_id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    portal_id: Mapped[int] = mapped_column(ForeignKey("portals.id", ondelete="CASCADE"))
    bitrix_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(255))
    time_zone: Mapped[str] = mapped_column(String(64))
    # As the portal said when they last opened Logbook.
    is_administrator: Mapped[bool] = mapped_column(default=False)
    # The application's own user, which is no person and writes what no person writes.
    is_application: Mapped[bool] = mapped_column(default=False, server_default=false())

    portal: Mapped[Portal] = relationship(lazy="joined", innerjoin=True)


class TokenPair(Base):
    """A person's access and refresh token; ``version`` counts changes, to detect stale writers."""

    __tablename__ = "token_pairs"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    access_token: Mapped[str | None] = mapped_column(Encrypted("token_pairs.access_token"))
    refresh_token: Mapped[str | None] = mapped_column(Encrypted("token_pairs.refresh_token"))
    version: Mapped[int] = mapped_column(Integer, default=1)
    obtained_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Whether the refresh token came from an authorization server rather than from a browser.
    is_redeemed: Mapped[bool] = mapped_column(default=False)
    installation: Mapped[int] = mapped_column(Integer, default=1)
    refusal: Mapped[str | None] = mapped_column(String(64))


class EntryState(enum.StrEnum):
    """How far a log entry is on its way to the timeline."""

    PENDING = "pending"
    SENDING = "sending"
    UNSURE = "unsure"
    SENT = "sent"
    FAILED = "failed"


class Source(enum.StrEnum):
    """What wrote an entry. People's entries on one card are sent first, then those on several cards."""

    PERSON = "person"
    SET = "set"
    API = "api"
    MCP = "mcp"
    ROBOT = "robot"


class LogEntry(Base):
    """An entry. Once sent, it stays as history; ``due_at`` is when the worker may process it next."""

    __tablename__ = "log_entries"
    __table_args__ = (
        UniqueConstraint("person_id", "form_key"),
        UniqueConstraint("portal_id", "bitrix_id"),
        Index(None, "state", "due_at"),
        Index(None, "portal_id", "id"),
        Index(None, "portal_id", "state", "id"),
        Index(None, "portal_id", "person_id", "id"),
        Index(None, "portal_id", "written_at"),
        Index(None, "portal_id", "entity_type_id", "entity_id", "id"),
        Index(None, "key_id", "form_key", unique=True),
        partial("ix_log_entries_deleted", "portal_id", "id", where="deleted_at IS NOT NULL"),
        partial("ix_log_entries_deletions", "portal_id", "deletion_due_at", where="deletion_due_at IS NOT NULL"),
        partial("ix_log_entries_with_words", "portal_id", "sent_at", where="title <> ''"),
        partial("ix_log_entries_cards_due", "cards_due_at", where="cards_due_at IS NOT NULL"),
        partial("ix_log_entries_sets", "person_id", "set_id", "id", where="set_id IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    portal_id: Mapped[int] = mapped_column(ForeignKey("portals.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    form_key: Mapped[str] = mapped_column(String(64))
    entity_type_id: Mapped[int] = mapped_column(BigInteger)
    entity_id: Mapped[int] = mapped_column(BigInteger)
    icon_code: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[EntryState] = mapped_column(
        Enum(
            EntryState, native_enum=False, length=16, values_callable=lambda states: [state.value for state in states]
        ),
        default=EntryState.PENDING,
    )
    bitrix_id: Mapped[int | None] = mapped_column(BigInteger)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    lookups: Mapped[int] = mapped_column(Integer, default=0)
    reason: Mapped[str | None] = mapped_column(String(64))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    happened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The part of ``text`` before the typed text: when it happened.
    prefix: Mapped[str | None] = mapped_column(Text)
    # The further cards (services/delivery/bound_cards), and when the worker binds the remaining ones.
    cards: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    cards_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The portal's title, text and icon code, if it lost parts of what was sent.
    kept: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    source: Mapped[str] = mapped_column(String(8), default=Source.PERSON, server_default=Source.PERSON)
    # The API key that wrote it, and the digest of the whole request; keys are never deleted.
    key_id: Mapped[int | None] = mapped_column(BigInteger)
    request_digest: Mapped[str | None] = mapped_column(String(64))
    # The number of our entry that this one replaces.
    corrects_id: Mapped[int | None] = mapped_column(BigInteger)
    # When the worker is to delete it from the timeline.
    deletion_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When it was pinned to the top of its card's timeline.
    pinned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The number of the first entry of its set: one text on several cards.
    set_id: Mapped[int | None] = mapped_column(BigInteger)

    portal: Mapped[Portal] = relationship(viewonly=True)
    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


class RestCall(Base):
    """A call to a portal and its answer, both masked: the Market requires a log of three days."""

    __tablename__ = "rest_calls"
    __table_args__ = (
        Index(None, "portal_id", "id"),
        Index(None, "portal_id", "method", "id"),
        Index(None, "portal_id", "person_id", "id"),
        partial("ix_rest_calls_failed", "portal_id", "id", where="code <> 'ok'"),
        Index(None, "called_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    portal_id: Mapped[int] = mapped_column(ForeignKey("portals.id", ondelete="CASCADE"))
    called_at: Mapped[datetime] = mapped_column(UtcDateTime)
    request_id: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int | None] = mapped_column(BigInteger)
    method: Mapped[str] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer)
    milliseconds: Mapped[int] = mapped_column(Integer)
    parameters: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)


class SavedDraft(Base):
    """What a person has typed on a card but not posted yet; ``words`` is JSON of services/delivery/entries.Draft."""

    __tablename__ = "drafts"
    __table_args__ = (
        UniqueConstraint("person_id", "entity_type_id", "entity_id", "form_key"),
        Index(None, "saved_at"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    portal_id: Mapped[int] = mapped_column(ForeignKey("portals.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    entity_type_id: Mapped[int] = mapped_column(BigInteger)
    entity_id: Mapped[int] = mapped_column(BigInteger)
    form_key: Mapped[str] = mapped_column(String(64), server_default="")
    words: Mapped[str | None] = mapped_column(Encrypted("drafts.words"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OwnTemplates(Base):
    """A person's own templates as JSON: their labels for menus, and their content; ``version`` counts saves."""

    __tablename__ = "own_templates"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    portal_id: Mapped[int] = mapped_column(ForeignKey("portals.id", ondelete="CASCADE"), index=True)
    version: Mapped[int] = mapped_column(Integer)
    labels: Mapped[str | None] = mapped_column(Encrypted("own_templates.labels"))
    words: Mapped[str | None] = mapped_column(Encrypted("own_templates.words"))


class SavedSettings(Base):
    """The administrators' choices in one section of the settings; ``version`` counts saves."""

    __tablename__ = "settings"

    portal_id: Mapped[int] = mapped_column(ForeignKey("portals.id", ondelete="CASCADE"), primary_key=True)
    section: Mapped[str] = mapped_column(String(32), primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    choices: Mapped[dict[str, Any]] = mapped_column(JSON)


class Change(Base):
    """The audit list: who changed what in a portal's settings, and when. None stands for the defaults."""

    __tablename__ = "changes"
    __table_args__ = (Index(None, "portal_id", "id"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    portal_id: Mapped[int] = mapped_column(ForeignKey("portals.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    section: Mapped[str] = mapped_column(String(32))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


class UsedState(Base):
    """A used ``state`` of an authorization: each is valid once, for a short time."""

    __tablename__ = "used_states"
    __table_args__ = (Index(None, "portal_id", "used_at"),)

    nonce: Mapped[str] = mapped_column(String(32), primary_key=True)
    portal_id: Mapped[int] = mapped_column(ForeignKey("portals.id", ondelete="CASCADE"))
    used_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RunningWorker(Base):
    """The heartbeat of a worker process; the row is deleted when it stops, but not when it hangs or is killed."""

    __tablename__ = "workers"

    host: Mapped[str] = mapped_column(String(255), primary_key=True)
    process_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    version: Mapped[str] = mapped_column(String(32))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
