"""The vault: keys rotate, and a lost key locks nobody out."""

from cryptography.fernet import Fernet

from b24app.crypto import Vault


def keys(count: int) -> list[str]:
    return [Fernet.generate_key().decode() for _ in range(count)]


def test_what_is_sealed_is_not_readable_and_opens_again() -> None:
    vault = Vault(keys(1))
    sealed = vault.seal("token-😀")
    assert "token" not in sealed
    assert vault.open(sealed) == "token-😀"


def test_a_new_first_key_seals_while_the_old_one_still_opens() -> None:
    old, new = keys(2)
    sealed = Vault([old]).seal("token")
    both = Vault([new, old])
    assert both.open(sealed) == "token"
    assert Vault([new]).open(both.seal("token")) == "token"


def test_a_secret_whose_key_is_gone_reads_as_none() -> None:
    old, new = keys(2)
    assert Vault([new]).open(Vault([old]).seal("token")) is None
