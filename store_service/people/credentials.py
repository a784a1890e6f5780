"""Names, badges, PINs and sign-in sessions of a shop's staff: set in the shop, never in a snapshot or an event."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, insert, select, update

from store_service.privacy.vault import Erased, Vault, session, staff

TRIES, LOCK, IDLE = 5, timedelta(minutes=5), timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Signed:
    """A person who is signed in at a kiosk."""

    staff_id: str
    name_zh: str
    name_en: str
    kiosk: str


class WrongPin(Exception):
    """`left` tries remain; 0 means locked for five minutes."""

    def __init__(self, left: int) -> None:
        self.left = left
        super().__init__(f"{left} tries left")


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A person who may sign in here, as the badge says."""

    staff_id: str
    name_zh: str
    name_en: str
    badge: str


def enrol(vault: Vault, person: Enrolled, pin: str, at: datetime) -> None:
    """Set a person's name, badge and six-digit PIN; whoever was signed in under the old ones is so no more. Put on
    record by `commands.enrol`."""
    if len(pin) != 6 or not pin.isdigit():
        raise ValueError("a PIN has six digits")
    salt = os.urandom(16)
    vault.put("staff", person.staff_id, {"name_zh": person.name_zh, "name_en": person.name_en}, at)
    with vault.database.write() as connection:
        connection.execute(delete(session).where(session.c.staff_id == person.staff_id))
        connection.execute(delete(staff).where(staff.c.staff_id == person.staff_id))
        connection.execute(
            insert(staff).values(
                staff_id=person.staff_id,
                badge_hmac=vault.badge_hmac(person.badge),
                pin_salt=salt,
                pin_hash=_stretch(pin, salt),
                tries=0,
                locked_until=None,
            )
        )


def forget(vault: Vault, staff_id: str) -> None:
    """A person leaves: no badge, no PIN, no session, no name; the record keeps the id."""
    with vault.database.write() as connection:
        connection.execute(delete(session).where(session.c.staff_id == staff_id))
        connection.execute(delete(staff).where(staff.c.staff_id == staff_id))
    vault.erase(staff_id, ("staff",))


def name_of(vault: Vault, staff_id: str) -> tuple[str, str]:
    """(zh, en); the id itself where the shop has no name for it."""
    try:
        known = vault.get("staff", staff_id)
    except Erased:
        known = None
    return (known["name_zh"], known["name_en"]) if known else (staff_id, staff_id)


def roll(vault: Vault) -> list[str]:
    """Every staff id that has a badge here."""
    with vault.database.read() as connection:
        return [row.staff_id for row in connection.execute(select(staff.c.staff_id).order_by(staff.c.staff_id))]


def check_pin(vault: Vault, badge: str, pin: str, at: datetime) -> str:
    """The staff id that a badge and a PIN belong to. Raises WrongPin; five wrong tries lock for five minutes."""
    return _checked(vault, staff.c.badge_hmac == vault.badge_hmac(badge), pin, at)


def check_pin_of(vault: Vault, staff_id: str, pin: str, at: datetime) -> str:
    """The same for a person chosen by name."""
    return _checked(vault, staff.c.staff_id == staff_id, pin, at)


def _checked(vault: Vault, whose: ColumnElement[bool], pin: str, at: datetime) -> str:
    with vault.database.write() as connection:
        row = connection.execute(select(staff).where(whose)).one_or_none()
        wrong: int | None = None
        if row is None:
            wrong = TRIES - 1
        elif row.locked_until is not None and at < row.locked_until:
            wrong = 0
        elif hmac.compare_digest(row.pin_hash, _stretch(pin, row.pin_salt)):
            connection.execute(update(staff).where(staff.c.staff_id == row.staff_id).values(tries=0, locked_until=None))
        else:
            tries = row.tries + 1
            wrong = max(TRIES - tries, 0)
            values = {"tries": 0, "locked_until": at + LOCK} if wrong == 0 else {"tries": tries}
            connection.execute(update(staff).where(staff.c.staff_id == row.staff_id).values(values))
    if wrong is not None:
        raise WrongPin(wrong)
    return str(row.staff_id) if row else ""


def open_session(vault: Vault, staff_id: str, kiosk: str, at: datetime) -> str:
    """A new session's token; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    with vault.database.write() as connection:
        connection.execute(delete(session).where(session.c.expires_at < at))
        connection.execute(
            insert(session).values(
                token_sha256=_digest(token), staff_id=staff_id, kiosk=kiosk, at=at, seen_at=at, expires_at=at + IDLE
            )
        )
    return token


def who(vault: Vault, token: str, at: datetime) -> Signed | None:
    """Whose session a token is, or None."""
    with vault.database.read() as connection:
        row = connection.execute(select(session).where(session.c.token_sha256 == _digest(token))).one_or_none()
    if row is None or at >= row.expires_at:
        return None
    zh, en = name_of(vault, row.staff_id)
    return Signed(row.staff_id, zh, en, row.kiosk)


def close_session(vault: Vault, token: str) -> None:
    with vault.database.write() as connection:
        connection.execute(delete(session).where(session.c.token_sha256 == _digest(token)))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _stretch(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)


def whose_badge(vault: Vault, badge: str) -> str | None:
    """The staff id of a badge, None for a badge that is not known here."""
    with vault.database.read() as connection:
        query = select(staff.c.staff_id).where(staff.c.badge_hmac == vault.badge_hmac(badge))
        found: str | None = connection.execute(query).scalar()
    return found
