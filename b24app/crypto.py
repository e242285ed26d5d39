"""Secrets at rest: a vault of rotating keys, and the column type that uses it."""

import logging
from collections.abc import Sequence
from weakref import WeakKeyDictionary

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

log = logging.getLogger(__name__)


class Vault:
    """Seals and opens short texts; the first key seals, every key opens."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = MultiFernet([Fernet(key) for key in keys])

    def seal(self, text: str) -> str:
        return self._keys.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str | None:
        """The text, or None where none of the keys fits: a lost key must not lock a portal out for ever."""
        try:
            return self._keys.decrypt(sealed).decode()
        except InvalidToken:
            log.error("a stored secret cannot be read: TOKEN_KEYS lacks the key that sealed it")
            return None


_vaults: WeakKeyDictionary[Dialect, Vault] = WeakKeyDictionary()


def bind_vault(dialect: Dialect, vault: Vault) -> None:
    """From now on, columns of type Encrypted on this engine's dialect are sealed with this vault."""
    _vaults[dialect] = vault


class Encrypted(TypeDecorator[str]):
    """A text column that is clear in Python and sealed in the database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _vaults[dialect].seal(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else _vaults[dialect].open(value)
