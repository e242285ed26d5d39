"""The tables of machines: the keys with which they write, and whom to notify when an entry is done."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from b24app.columns import Base, RowId, UtcDateTime
from b24app.crypto import Encrypted
from b24app.models import LogEntry, Person


class ApiKey(Base):
    """A key for a machine, of which only the digest is stored.

    What it writes is written by the application's own user if ``is_application``, otherwise by its maker.
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
    # The form that made it: sent twice, it makes one key.
    form_key: Mapped[str] = mapped_column(String(64))
    callback_secret: Mapped[str | None] = mapped_column(Encrypted("api_keys.callback_secret"))
    # Kinds of cards and icons that it may use; empty for all.
    kinds: Mapped[list[int]] = mapped_column(JSON, default=list)
    icons: Mapped[list[str]] = mapped_column(JSON, default=list)
    per_minute: Mapped[int] = mapped_column(Integer)
    # In unix seconds: as far into the future as requests have been made ahead of the rate.
    busy_until: Mapped[float] = mapped_column(Float, default=0.0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    written: Mapped[int] = mapped_column(BigInteger, default=0)
    # Everything that it wrote is to be deleted: so many entries, when that was asked.
    to_delete: Mapped[int] = mapped_column(Integer, default=0)

    maker: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


class Callback(Base):
    """An address to notify how an entry ended; the row is deleted once that succeeded, or was tried often enough."""

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
    """A run of our robot whose workflow waits for an answer; without an entry, ``problem`` is why there is none."""

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


# Whoever needs every table takes them from here: this module knows those of models, and adds its own.
METADATA = Base.metadata
