"""Secrets at rest: a vault of rotating keys, and the column type that uses it."""

import logging
from collections.abc import Sequence
from functools import lru_cache
from weakref import WeakKeyDictionary

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

log = logging.getLogger(__name__)

# Short secrets, mainly tokens, stay decrypted in memory, where the keys are anyway; longer texts do not.
OPENED_KEPT, LONGEST_KEPT = 1024, 600
# Prefix of secrets that were sealed with their column and owner.
BOUND, SEPARATOR = "b1.", "\n"


class Vault:
    """Seals and opens short texts: the first key seals, any key opens."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._newest = Fernet(keys[0])
        self._keys = MultiFernet([Fernet(key) for key in keys])
        # Decrypting takes longer than reading the row, and every request needs the same few tokens.
        self._decrypt_kept = lru_cache(OPENED_KEPT)(self._decrypt)

    def seal(self, text: str) -> str:
        return self._keys.encrypt(text.encode(errors="replace")).decode()

    def open(self, sealed: str) -> str | None:
        """The text, or None if no key fits: a lost key must not lock a portal out forever."""
        decrypt = self._decrypt_kept if len(sealed) <= LONGEST_KEPT else self._decrypt
        try:
            return decrypt(sealed)
        except InvalidToken:
            log.error("a stored secret cannot be read: TOKEN_KEYS lacks the key that encrypted it")
            return None

    def is_newest(self, sealed: str) -> bool:
        """Whether this stored value was sealed with the first key."""
        try:
            self._newest.decrypt(sealed.removeprefix(BOUND))
        except InvalidToken:
            return False
        return True

    def renewed(self, sealed: str) -> str | None:
        """The stored value sealed again with the first key; None if no key fits."""
        try:
            fresh = self._keys.rotate(sealed.removeprefix(BOUND)).decode()
        except InvalidToken:
            return None
        return BOUND + fresh if sealed.startswith(BOUND) else fresh

    def _decrypt(self, sealed: str) -> str:
        return self._keys.decrypt(sealed).decode()


_vaults: WeakKeyDictionary[Dialect, Vault] = WeakKeyDictionary()


def bind_vault(dialect: Dialect, vault: Vault) -> None:
    """Use this vault for columns of type Encrypted on this engine."""
    _vaults[dialect] = vault


class Secret(str):
    """A text whose sealed form names its owner, so that it is useless in any other row.

    When read, ``owner`` comes from the sealed form; None for old secrets without an owner.
    """

    owner: str | None

    def __new__(cls, text: str, owner: str | None) -> "Secret":
        secret = super().__new__(cls, text)
        secret.owner = owner
        return secret


def of_owner(secret: str | None, owner: str) -> str | None:
    """The text of a column, or None if it was copied from another row."""
    if secret is None or not isinstance(secret, Secret) or secret.owner in {owner, None}:
        return secret
    log.error("a stored secret belongs to another row and is not used")
    return None


class Encrypted(TypeDecorator[str]):
    """A text column that is plain in Python and sealed in the database, with the names of its column and owner.

    Write a ``Secret``; read it through ``of_owner``.
    """

    impl = Text
    cache_ok = True

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column = column

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if not isinstance(value, Secret):
            raise TypeError(f"what is sealed in {self.column} needs an owner")
        return BOUND + _vaults[dialect].seal(SEPARATOR.join([self.column, value.owner or "", value]))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Secret | None:
        if value is None:
            return None
        text = _vaults[dialect].open(value.removeprefix(BOUND))
        if text is None:
            return None
        if not value.startswith(BOUND):
            return Secret(text, None)
        column, owner, words = text.split(SEPARATOR, 2)
        if column != self.column:
            log.error("a stored secret belongs to another column and is not used")
            return None
        return Secret(words, owner)
