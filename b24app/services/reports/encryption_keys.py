"""Reports to operators which encrypted values TOKEN_KEYS can open."""

from sqlalchemy.orm import Session

from b24app.crypto import Vault
from b24app.services.access import key_rotation
from b24app.services.reports.health import Finding

MOST_PASSES = 5
LOST = "{lost} of {all} secrets can be opened with no key of TOKEN_KEYS: is one missing? Whose tokens are lost has to "
LOST += "open Logbook once more."


def examine(session: Session, vault: Vault, most: int | None = None) -> Finding:
    """Check that a key opens every encrypted value, or a sample of them."""
    seals = key_rotation.count(session, vault, most)
    count = seals.newest + seals.older + seals.lost
    if seals.lost:
        return Finding(False, LOST.format(lost=seals.lost, all=count))
    older = f"; {seals.older} with an older key: flask --app app keys rotate encrypts them again" if seals.older else ""
    return Finding(True, f"TOKEN_KEYS opens all of {count} secrets{older}.")


def rotate(session: Session, vault: Vault) -> Finding:
    """Encrypt everything with the newest key, until no value of an older one is left. Commits."""
    resealed = 0
    for _ in range(MOST_PASSES):
        seals = key_rotation.reseal(session, vault)
        resealed += seals.older
        if not seals.older:
            lost = " " + LOST.format(lost=seals.lost, all=seals.newest + seals.lost) if seals.lost else ""
            return Finding(True, f"All secrets have the newest key; {resealed} were sealed again.{lost}")
    sentence = "some process still encrypts with an older key: restart all with the new TOKEN_KEYS, then run this again"
    return Finding(False, f"{resealed} secrets were sealed again, but {sentence}.")
