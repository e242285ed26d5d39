"""The tables for programs: API keys, callbacks and robot runs."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from b24app.columns import Base, RowId, UtcDateTime
from b24app.crypto import Encrypted
from b24app.models import LogEntry, Person


class ApiKey(Base):
    """A key for a program; only its digest is stored.

    Its entries are written by the application's own user if ``is_application``, otherwise by its maker.
    """

    __tablename__ = "api_keys"
    __table_args__ = (UniqueConstraint("maker_id", "form_key"), Index(None, "portal_id", "id"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    portal_id: Mapped[int] = mapped_column(ForeignKey("portals.id", ondelete="CASCADE"))
    maker_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    is_application: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(String(60))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    # Its last characters, by which people recognize it.
    hint: Mapped[str] = mapped_column(String(8))
    # The form that made it: a form sent twice makes one key.
    form_key: Mapped[str] = mapped_column(String(64))
    callback_secret: Mapped[str | None] = mapped_column(Encrypted("api_keys.callback_secret"))
    # The kinds of cards and the icons that it may use; empty for all.
    kinds: Mapped[list[int]] = mapped_column(JSON, default=list)
    icons: Mapped[list[str]] = mapped_column(JSON, default=list)
    per_minute: Mapped[int] = mapped_column(Integer)
    # In unix seconds; later than now if requests come faster than the rate.
    busy_until: Mapped[float] = mapped_column(Float, default=0.0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    written: Mapped[int] = mapped_column(BigInteger, default=0)
    # How many entries it had when the deletion of all was requested.
    to_delete: Mapped[int] = mapped_column(Integer, default=0)

    maker: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


class Callback(Base):
    """An address to notify when an entry is done; the row is deleted after success or the last attempt."""

    __tablename__ = "callbacks"
    __table_args__ = (Index(None, "portal_id", "due_at"),)

    entry_id: Mapped[int] = mapped_column(ForeignKey("log_entries.id", ondelete="CASCADE"), primary_key=True)
    portal_id: Mapped[int] = mapped_column(ForeignKey("portals.id", ondelete="CASCADE"))
    key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id", ondelete="CASCADE"), index=True)
    url: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)

    entry: Mapped[LogEntry] = relationship(lazy="joined", innerjoin=True)


class RobotRun(Base):
    """A robot run whose workflow waits for an answer; ``problem`` says why there is no entry, if so."""

    __tablename__ = "robot_runs"
    __table_args__ = (UniqueConstraint("person_id", "form_key"), Index(None, "portal_id", "due_at"))

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    portal_id: Mapped[int] = mapped_column(ForeignKey("portals.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("log_entries.id", ondelete="CASCADE"), index=True)
    form_key: Mapped[str] = mapped_column(String(64))
    event_token: Mapped[str | None] = mapped_column(Encrypted("robot_runs.event_token"))
    problem: Mapped[str] = mapped_column(Text, default="")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    # None once it is answered.
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)
    entry: Mapped[LogEntry | None] = relationship(lazy="joined")


# Import all tables from here: this module adds its own to those of models.
METADATA = Base.metadata
